#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy-service/body/json_walk.h"
#include "proxy-service/tap/usage.h"

namespace vdm::proxy {

/// What one JSON object from a provider contains, before the tap adds it to its facts. An event of
/// a stream and a whole body have the same members. The views point into the text that was read.
/// Pure.

/// One entry of OpenAI's tool_calls. A stream repeats the entry of one call many times.
struct CallMark {
  std::string_view id;
  std::uint64_t choice = 0;
  std::uint64_t index = 0;
  bool has_index = false;
  bool has_name = false;
};

struct Reading {
  std::string_view type;           ///< Anthropic's type of the event
  std::string_view model;          ///< escaped, without its quotes
  std::uint64_t text_bytes = 0;    ///< text, thinking and tool arguments, escaped
  std::uint32_t tools_opened = 0;  ///< tool blocks, in Anthropic's dialect
  std::vector<CallMark> calls;     ///< tool calls, in OpenAI's dialect
  std::string_view finish_reason;  ///< escaped, without its quotes
  ReportedUsage usage;
  bool has_choices = false;
  bool choices_empty = false;
  bool has_message = false;  ///< the object has a whole body's message
  bool error = false;
  std::string_view error_type;     ///< escaped
  std::string_view error_message;  ///< escaped

  void clear() {
    auto kept = std::move(calls);
    kept.clear();
    *this = Reading{};
    calls = std::move(kept);
  }
};

/// Each reads one object; false when it is malformed or not an object.
bool read_anthropic(JsonWalk& walk, Reading& reading);
bool read_openai(JsonWalk& walk, Reading& reading);

}  // namespace vdm::proxy
