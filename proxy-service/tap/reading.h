#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy-service/body/json_walk.h"
#include "proxy-service/tap/end_word.h"
#include "proxy-service/tap/error_reading.h"
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
  EndReading end;                  ///< of a choice, or of the message
  ReportedUsage usage;
  bool has_choices = false;
  bool choices_empty = false;
  ErrorReading error;         ///< told where the dialect has errors
  ErrorReading choice_error;  ///< told in a choice, as OpenRouter does
  bool has_message = false;   ///< the object has a whole body's message
  bool wants_model = true;    ///< whether the model is to be read

  /// The provider says in any way that it failed.
  bool failed() const { return error.present || choice_error.present || !end.failure.empty(); }

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
