#pragma once

#include <cstdint>
#include <string_view>

#include "proxy-service/body/json_walk.h"
#include "proxy-service/tap/end_word.h"
#include "proxy-service/tap/error_reading.h"
#include "proxy-service/tap/usage.h"

namespace vdm::proxy {

/// One event of an Anthropic stream, as views into its text. The views hold strings as they stand
/// between their quotes, with legal escapes. Pure.
struct MessagesEvent {
  std::string_view json;  ///< the event's whole data
  std::string_view type;
  std::uint64_t index = 0;
  std::string_view part_type;  ///< the type of the delta or the content block
  std::string_view text;       ///< the part's text or thinking
  std::string_view signature;  ///< the signature of a thinking block
  std::string_view data;       ///< a redacted_thinking block's
  std::string_view id;         ///< a tool_use block's
  std::string_view name;
  std::string_view input;      ///< JSON of an object with members: all of the arguments
  std::string_view arguments;  ///< a text of them: partial_json, or sent as input
  EndReading end;
  ReportedUsage usage;
  ErrorReading error;
};

/// Reads one event; false when it is not one object, or not JSON.
bool read_anthropic_event(std::string_view json, JsonWalk& walk, MessagesEvent& event);

}  // namespace vdm::proxy
