#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy-service/convert/errors/error_body.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// The words that whatever makes streams shares with who drives it.

/// OpenAI's, which belongs to a stream when the client asked for it.
enum class UsageChunk : std::uint8_t { Show, Hide };

/// All that varies from answer to answer, so that the same events give the same bytes.
struct StreamOptions {
  std::string message_id{};          ///< what the client sees, and the stem of ids made up
  std::int64_t created = 0;          ///< OpenAI's: seconds since 1970
  std::string model{};               ///< the name the client asked for
  std::uint64_t input_estimate = 0;  ///< tokens, shown until the provider says how many
  bool include_usage = false;        ///< the OpenAI client asked for the chunk with usage
  std::string request_id{};          ///< ours, for an error event
  const ToolNames& tool_names;       ///< outlives the machine
};

/// What one event of the provider's stream turned out to be.
struct StreamStep {
  bool content_began = false;          ///< the answer's first content came with it
  bool ended = false;                  ///< the stream is whole: its closing events are written
  std::optional<ProviderError> error;  ///< the client's error event is written, and nothing follows
  /// Why the stream cannot go on; empty when it can. Nothing more is written: the
  /// client is owed one error event by who drives the machine.
  std::string_view fault;
};

}  // namespace vdm::proxy
