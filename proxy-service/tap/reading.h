#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy-service/body/json_walk.h"
#include "proxy-service/tap/usage.h"

namespace vdm::proxy {

/// What one piece of JSON from a provider says, before it is added to what is
/// known: an event of a stream or a whole body, which have the same members.
/// Views into the text that was read. Pure.

/// One entry of OpenAI's tool_calls. A stream sends each many times over.
struct CallMark {
  std::string_view id;
  std::uint64_t choice = 0;
  std::uint64_t index = 0;
  bool has_index = false;
  bool has_name = false;
};

struct Reading {
  std::string_view type;           ///< Anthropic's
  std::uint64_t text_bytes = 0;    ///< text, thinking and tool arguments, as written
  std::uint32_t tools_opened = 0;  ///< Anthropic's blocks
  std::vector<CallMark> calls;     ///< OpenAI's
  std::string_view finish_reason;  ///< as written, between its quotes
  ReportedUsage usage;
  bool has_choices = false;
  bool choices_empty = false;
  bool has_message = false;  ///< a whole body's
  bool error = false;
  std::string_view error_type;     ///< as written
  std::string_view error_message;  ///< as written

  void clear() {
    auto kept = std::move(calls);
    kept.clear();
    *this = Reading{};
    calls = std::move(kept);
  }
};

/// Each reads one object; false when it is not one, or not JSON.
bool read_anthropic(JsonWalk& walk, Reading& reading);
bool read_openai(JsonWalk& walk, Reading& reading);

}  // namespace vdm::proxy
