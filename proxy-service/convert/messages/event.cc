#include "proxy-service/convert/messages/event.h"

#include "proxy-service/convert/json/copied_text.h"

namespace vdm::proxy {
namespace {

/// Reads the input at a tool_use block's start. Anthropic sends an empty object there; other
/// servers may send all of the input, as an object or as its text.
bool read_input(JsonWalk& walk, MessagesEvent& event) {
  if (walk.peek() != '{') return read_copied_text(walk, event.arguments);
  std::string_view input;
  if (!read_raw(walk, event.json, input)) return false;
  if (input.find('"') != std::string_view::npos) event.input = input;
  return true;
}

/// Reads partial_json: a piece of a text, or all of the object where a text should be.
bool read_arguments(JsonWalk& walk, MessagesEvent& event) {
  return walk.peek() == '{' ? read_input(walk, event) : read_copied_text(walk, event.arguments);
}

/// Reads a delta or a content block. In both, the member that holds the text is named after its
/// kind.
bool read_part(JsonWalk& walk, MessagesEvent& event) {
  return walk.object_or_skip([&](JsonKey key) {
    if (key == "text" || key == "thinking") return read_copied_text(walk, event.text);
    if (key == "partial_json") return read_arguments(walk, event);
    if (key == "type") return read_copied_text(walk, event.part_type);
    if (key == "signature") return read_copied_text(walk, event.signature);
    if (key == "data") return read_copied_text(walk, event.data);
    if (key == "id") return read_copied_text(walk, event.id);
    if (key == "name") return read_copied_text(walk, event.name);
    if (key == "stop_reason") return read_end(walk, event.end);
    return key == "input" ? read_input(walk, event) : walk.skip();
  });
}

}  // namespace

bool read_anthropic_event(std::string_view json, JsonWalk& walk, MessagesEvent& event) {
  event.json = json;
  const bool walked = walk.object([&](JsonKey key) {
    if (key == "type") return read_copied_text(walk, event.type);
    if (key == "delta" || key == "content_block") return read_part(walk, event);
    if (key == "usage") return read_usage(walk, event.usage);
    if (key == "error") return read_error(walk, event.error);
    if (key == "index") {
      event.index = walk.count_or_skip().value_or(0);
      return true;
    }
    if (key != "message") return walk.skip();
    return walk.object_or_skip([&](JsonKey inner) {
      return inner == "usage" ? read_usage(walk, event.usage) : walk.skip();
    });
  });
  return walked && walk.at_end();
}

}  // namespace vdm::proxy
