#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proxy-service/body/splice.h"
#include "proxy-service/convert/tool_names.h"
#include "proxy-service/net/buffer_sequence.h"
#include "proxy-service/routing/model_route.h"

namespace vdm::proxy {

/// A client's request as one target is to read it: the client's own bytes with the
/// model's name spliced when both speak the same dialect, else converted. Made anew
/// for each target that is tried. Thread: its IoThread.
class PreparedRequest {
 public:
  /// `body` stays as it is while this is sent. A fault is the client's: InvalidRequest
  /// names the field.
  Result<void> prepare(std::string_view body, const RequestScan& scan, Dialect client,
                       const Target& target);

  void add_to(BufferSequence& buffers) const;
  std::size_t size() const { return converted_ ? text_.size() : spliced_->size(); }
  bool converted() const { return converted_; }
  /// What the answer's tools are called by the client.
  const ToolNames& tool_names() const { return tool_names_; }
  /// Tokens, for an Anthropic client's first event; 0 when nothing was converted.
  std::uint64_t input_estimate() const { return input_estimate_; }
  /// Nothing is sent again: the converted text makes room.
  void release() {
    text_.clear();
    text_.shrink_to_fit();
  }

 private:
  Result<void> convert(std::string_view body, Dialect client, const Target& target);

  std::optional<SplicedBody> spliced_;
  std::string text_;
  ToolNames tool_names_;
  std::uint64_t input_estimate_ = 0;
  bool converted_ = false;
};

}  // namespace vdm::proxy
