#pragma once

#include <cstdint>
#include <string_view>

#include "proxy-service/body/json_walk.h"
#include "proxy-service/convert/errors/stream_error.h"
#include "proxy-service/tap/usage.h"

namespace vdm::proxy {

/// What one event of an Anthropic stream says, as views into its text. Texts are
/// as written between their quotes, with legal escapes. Pure.
struct MessagesEvent {
  std::string_view json;  ///< the whole of it
  std::string_view type;
  std::uint64_t index = 0;
  std::string_view part_type;  ///< of the delta or the content block
  std::string_view text;       ///< text, thinking or partial_json, whichever the part has
  std::string_view signature;  ///< of thinking
  std::string_view data;       ///< a redacted_thinking block's
  std::string_view id;         ///< a tool_use block's
  std::string_view name;
  std::string_view input;  ///< an object with members, as JSON: all of the arguments at once
  std::string_view stop_reason;
  ReportedUsage usage;
  ProviderErrorText error;
};

/// Reads one event; false when it is not one object, or not JSON.
bool read_anthropic_event(std::string_view json, JsonWalk& walk, MessagesEvent& event);

}  // namespace vdm::proxy
