#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy-service/convert/errors/provider_error.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// The types that the makers of streams share with their callers.

/// Whether OpenAI's chunk with usage is in the stream, as it is when the client asked for it.
enum class UsageChunk : std::uint8_t { Show, Hide };

/// Everything that differs from answer to answer, so that the same events and options give the same
/// bytes.
struct StreamOptions {
  std::string message_id{};          ///< the client's id of the answer; made-up ids contain it
  std::int64_t created = 0;          ///< OpenAI: seconds since 1970
  std::string model{};               ///< the model's name in the client's request
  std::uint64_t input_estimate = 0;  ///< tokens to show until the provider reports them
  bool include_usage = false;        ///< OpenAI: the client asked for the chunk with usage
  std::string request_id{};          ///< the proxy's, for an error event
  const ToolNames& tool_names;       ///< outlives the machine
};

/// The result of one event of the provider's stream.
struct StreamStep {
  bool content_began = false;          ///< the event had the answer's first content
  bool ended = false;                  ///< the answer is whole; its last events are written
  bool last_word = false;              ///< the provider has said [DONE]; stragglers may follow
  std::optional<ProviderError> error;  ///< the client's error event is written; nothing follows
  /// Why the machine cannot convert the stream any further; empty when it can. It writes nothing
  /// more, and its caller must write one error event to the client.
  std::string_view violation;
};

}  // namespace vdm::proxy
