#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/body/request_scan.h"

namespace vdm::proxy {

/// The body for the provider: the client's bytes with another model name and, if asked,
/// `stream_options.include_usage`. Nothing is serialised again. The pieces are views into the
/// client's body and into this object, so neither may move while they are in use. Thread: its
/// owner's.
class SplicedBody {
 public:
  enum class Usage { AsItIs, AskFor };

  SplicedBody(std::string_view body, const RequestScan& scan, std::string_view model, Usage usage);
  SplicedBody(const SplicedBody&) = delete;
  SplicedBody& operator=(const SplicedBody&) = delete;

  /// The parts in the order in which they are sent.
  std::span<const std::string_view> pieces() const { return {pieces_.data(), count_}; }
  std::size_t size() const;  ///< the Content-Length

 private:
  void add(std::string_view piece);

  std::string model_token_;
  std::array<std::string_view, 5> pieces_{};
  std::size_t count_ = 0;
};

}  // namespace vdm::proxy
