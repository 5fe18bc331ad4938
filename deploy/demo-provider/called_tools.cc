#include "deploy/demo-provider/called_tools.h"

#include <boost/json/parse.hpp>

#include "common/base/sse.h"

namespace vdm::demo {
namespace {

namespace json = boost::json;
using Calls = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t EventBytesMax = 1024 * 1024;

const json::value* member(const json::value& value, const char* name) {
  return value.is_object() ? value.get_object().if_contains(name) : nullptr;
}

std::string text_member(const json::value& value, const char* name) {
  const json::value* found = member(value, name);
  return found && found->is_string() ? std::string(found->get_string().c_str()) : std::string();
}

const json::array& array_member(const json::value& value, const char* name) {
  static const json::array None;
  const json::value* found = member(value, name);
  return found && found->is_array() ? found->get_array() : None;
}

void take_anthropic(const json::value& block, Calls& calls) {
  if (text_member(block, "type") != "tool_use") return;
  calls.emplace_back(text_member(block, "id"), text_member(block, "name"));
}

/// Takes the calls from a message or a delta. A call's later deltas have no name and are skipped.
void take_openai(const json::value& message, Calls& calls) {
  for (const json::value& call : array_member(message, "tool_calls")) {
    const json::value* function = member(call, "function");
    const std::string name = function ? text_member(*function, "name") : std::string();
    if (!name.empty()) calls.emplace_back(text_member(call, "id"), name);
  }
}

void take_whole(const Turn& turn, const json::value& body, Calls& calls) {
  if (turn.anthropic) {
    for (const json::value& block : array_member(body, "content")) take_anthropic(block, calls);
    if (const json::value* block = member(body, "content_block")) take_anthropic(*block, calls);
    return;
  }
  for (const json::value& choice : array_member(body, "choices")) {
    if (const json::value* message = member(choice, turn.stream ? "delta" : "message")) {
      take_openai(*message, calls);
    }
  }
}

}  // namespace

Calls tools_called(const Turn& turn, std::string_view body) {
  std::vector<SseEvent> events;
  if (turn.stream) {
    SseSplitter splitter(EventBytesMax);
    if (!splitter.push(body, events)) return {};
  } else {
    events.push_back({.name = {}, .data = std::string(body), .id = {}});
  }

  Calls calls;
  for (const SseEvent& event : events) {
    json::error_code error;
    const json::value value = json::parse(event.data, error);
    if (!error) take_whole(turn, value, calls);
  }
  return calls;
}

}  // namespace vdm::demo
