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

/// Whose facts a request's conversion may ask.
struct TargetFacts {
  const FactsTable& table;
  std::string_view provider;

  ModelFacts of(const Target& target) const;
};

/// A client's request as one target reads it. When both speak the same dialect it is the client's
/// own bytes with the model's name replaced, else it is converted. The exchange prepares it again
/// for each target. Thread: its IoThread.
class PreparedRequest {
 public:
  /// `body` must not change while this is sent. An error is InvalidRequest and names the client's
  /// field.
  Result<void> prepare(std::string_view body, const RequestScan& scan, Dialect client,
                       const Target& target, const TargetFacts& facts);

  void add_to(BufferSequence& buffers) const;
  std::size_t size() const { return converted_ ? text_.size() : spliced_->size(); }
  bool converted() const { return converted_; }
  /// The client's names of the tools in the answer.
  const ToolNames& tool_names() const { return tool_names_; }
  /// Tokens, for an Anthropic client's first event; 0 when nothing was converted.
  std::uint64_t input_estimate() const { return input_estimate_; }
  /// Frees the converted text once nothing will be sent again.
  void release() {
    text_.clear();
    text_.shrink_to_fit();
  }

 private:
  Result<void> convert(std::string_view body, Dialect client, const Target& target,
                       const TargetFacts& facts);

  std::optional<SplicedBody> spliced_;
  std::string text_;
  ToolNames tool_names_;
  std::uint64_t input_estimate_ = 0;
  bool converted_ = false;
};

}  // namespace vdm::proxy
