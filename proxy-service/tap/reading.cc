#include "proxy-service/tap/reading.h"

namespace vdm::proxy {
namespace {

/// Adds the size of a text without its quotes; other values such as null add nothing.
bool add_text(JsonWalk& walk, Reading& reading) {
  if (const auto text = walk.string_or_skip()) reading.text_bytes += text->size();
  return true;
}

/// Adds the sizes of the texts in content: one text, or parts of it.
bool add_content(JsonWalk& walk, Reading& reading) {
  if (walk.peek() != '[') return add_text(walk, reading);
  return walk.array([&] {
    if (walk.peek() == '"') return add_text(walk, reading);
    return walk.object_or_skip([&](JsonKey key) {
      if (key == "text") return add_text(walk, reading);
      return key == "thinking" ? add_content(walk, reading) : walk.skip();
    });
  });
}

/// Reads a delta or a content block: in both, the text's key is the same as the block's kind.
bool read_block(JsonWalk& walk, Reading& reading) {
  return walk.object_or_skip([&](JsonKey key) {
    if (key == "text" || key == "thinking" || key == "partial_json") return add_text(walk, reading);
    if (key == "stop_reason") return read_end(walk, reading.end);
    if (key != "type") return walk.skip();
    // tool_use, server_tool_use, mcp_tool_use.
    if (walk.string_or_skip().value_or("").ends_with("tool_use")) ++reading.tools_opened;
    return true;
  });
}

bool read_call(JsonWalk& walk, Reading& reading, std::uint64_t choice) {
  CallMark mark;
  mark.choice = choice;
  const bool walked = walk.object_or_skip([&](JsonKey key) {
    if (key == "id") {
      mark.id = walk.string_or_skip().value_or("");
    } else if (key == "index") {
      const auto index = walk.count_or_skip();
      mark.has_index = index.has_value();
      mark.index = index.value_or(0);
    } else if (key == "function") {
      return walk.object_or_skip([&](JsonKey inner) {
        if (inner == "arguments") return add_text(walk, reading);
        if (inner != "name") return walk.skip();
        mark.has_name = !walk.string_or_skip().value_or("").empty();
        return true;
      });
    } else {
      return walk.skip();
    }
    return true;
  });
  reading.calls.push_back(mark);
  return walked;
}

/// Reads `delta` in a stream or `message` in a whole body.
bool read_choice_message(JsonWalk& walk, Reading& reading, std::uint64_t choice) {
  return walk.object_or_skip([&](JsonKey key) {
    if (key == "content") return add_content(walk, reading);
    if (key == "refusal" || key == "reasoning_content" || key == "reasoning") {
      return add_text(walk, reading);
    }
    if (key != "tool_calls") return walk.skip();
    return walk.array_or_skip([&] { return read_call(walk, reading, choice); });
  });
}

bool read_model(JsonWalk& walk, Reading& reading) {
  if (!reading.wants_model) return walk.skip();
  reading.model = walk.string_or_skip().value_or("");
  return true;
}

bool read_choice(JsonWalk& walk, Reading& reading) {
  std::uint64_t choice = 0;
  reading.choices_empty = false;
  return walk.object_or_skip([&](JsonKey key) {
    if (key == "delta") return read_choice_message(walk, reading, choice);
    if (key == "message") {
      reading.has_message = true;
      return read_choice_message(walk, reading, choice);
    }
    if (key == "finish_reason") return read_end(walk, reading.end);
    // Moonshot's usage of a stream, and the error of a choice that OpenRouter ends with "error".
    if (key == "usage") return read_usage(walk, reading.usage);
    if (key == "error") return read_error(walk, reading.choice_error);
    if (key == "native_finish_reason") return read_native_end(walk, reading.end);
    if (key != "index") return walk.skip();
    choice = walk.count_or_skip().value_or(0);
    return true;
  });
}

}  // namespace

bool read_anthropic(JsonWalk& walk, Reading& reading) {
  const bool walked = walk.object([&](JsonKey key) {
    if (key == "type") {
      reading.type = walk.string_or_skip().value_or("");
      reading.error.present = reading.error.present || reading.type == "error";
      return true;
    }
    if (key == "delta" || key == "content_block") return read_block(walk, reading);
    if (key == "usage") return read_usage(walk, reading.usage);
    if (key == "error") return read_error(walk, reading.error);
    if (key == "stop_reason") return read_end(walk, reading.end);
    if (key == "content") {
      return walk.array_or_skip([&] { return read_block(walk, reading); });
    }
    if (key == "model") return read_model(walk, reading);
    if (key != "message") return walk.skip();
    return walk.object_or_skip([&](JsonKey inner) {
      if (inner == "model") return read_model(walk, reading);
      return inner == "usage" ? read_usage(walk, reading.usage) : walk.skip();
    });
  });
  reading.has_message = reading.type == "message";
  return walked && walk.at_end();
}

bool read_openai(JsonWalk& walk, Reading& reading) {
  std::string_view message;  // of {"object":"error","message":…,"type":…}, as vLLM says it
  std::string_view type;
  std::string_view object;
  const bool walked = walk.object([&](JsonKey key) {
    if (key == "choices") {
      reading.has_choices = reading.choices_empty = walk.peek() == '[';
      return walk.array_or_skip([&] { return read_choice(walk, reading); });
    }
    if (key == "usage") return read_usage(walk, reading.usage);
    if (key == "error") return read_error(walk, reading.error);
    if (key == "object") {
      object = walk.ahead();
      return walk.skip();
    }
    if (key == "message") {
      message = walk.string_or_skip().value_or("");
    } else if (key == "type") {
      type = walk.string_or_skip().value_or("");
    } else if (key == "model") {
      return read_model(walk, reading);
    } else if (key == "x_groq") {
      return walk.object_or_skip([&](JsonKey inner) {
        return inner == "usage" ? read_usage(walk, reading.usage) : walk.skip();
      });
    } else {
      return walk.skip();
    }
    return true;
  });
  if (!reading.has_choices && object.starts_with(R"("error")")) reading.error.present = true;
  if (reading.error.present && reading.error.message.empty()) reading.error.message = message;
  if (reading.error.present && reading.error.type.empty()) reading.error.type = type;
  return walked && walk.at_end();
}

}  // namespace vdm::proxy
