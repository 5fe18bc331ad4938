#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

/// What the provider said when it failed. Foreign text, capped; to be redacted by
/// who records it.
struct StreamError {
  static constexpr std::size_t type_bytes_max = 64;
  static constexpr std::size_t message_bytes_max = 256;

  int status = 502;  ///< what its words mean: for a stream that has not begun
  std::string type;  ///< in the provider's own words
  std::string message;
};

/// What one event of the provider's stream turned out to be.
struct StreamStep {
  bool content_began = false;        ///< the answer's first content came with it
  bool ended = false;                ///< the stream is whole: its closing events are written
  std::optional<StreamError> error;  ///< the client's error event is written, and nothing follows
  /// Why the stream cannot go on; empty when it can. Nothing more is written: the
  /// client is owed one error event by who drives the machine.
  std::string_view fault;
};

}  // namespace vdm::proxy
