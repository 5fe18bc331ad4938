#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/body/request_scan.h"

namespace vdm::proxy {

/// The body to send upstream: the client's bytes, but for the model's name and,
/// where asked, `stream_options.include_usage`. Never serialised anew. The pieces
/// are views into the client's body and into this object, which therefore stays
/// where it is while they are in use. Thread: its owner's.
class SplicedBody {
 public:
  enum class Usage { AsItIs, AskFor };

  SplicedBody(std::string_view body, const RequestScan& scan, std::string_view model, Usage usage);
  SplicedBody(const SplicedBody&) = delete;
  SplicedBody& operator=(const SplicedBody&) = delete;

  /// In the order they are to be written.
  std::span<const std::string_view> pieces() const { return {pieces_.data(), count_}; }
  std::size_t size() const;  ///< the Content-Length

 private:
  void add(std::string_view piece);

  std::string model_token_;
  std::array<std::string_view, 5> pieces_{};
  std::size_t count_ = 0;
};

}  // namespace vdm::proxy
