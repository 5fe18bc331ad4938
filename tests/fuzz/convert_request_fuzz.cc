// Both conversions of a request, for targets of every kind. Each either refuses a body in plain
// words or writes JSON with legal tool names, from which the original names can be recovered. The
// token estimate of any input is at least 1. With its long strings set aside a body converts to the
// same.
#include <cstdint>
#include <string_view>

#include "proxy-service/convert/chat_to_messages/request.h"
#include "proxy-service/convert/content/count_tokens.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/thinned_json.h"
#include "proxy-service/convert/json/wire_json.h"
#include "proxy-service/convert/messages_to_chat/request.h"
#include "proxy-service/providers/facts_table.h"
#include "tests/fuzz/convert_json.h"

namespace {

namespace json = boost::json;
using namespace vdm::proxy;
using vdm::fuzz::require;

void require_legal_names(const json::object& written, std::string_view inner) {
  const json::array* tools = find_array(written, "tools");
  if (tools == nullptr) return;
  for (const json::value& tool : *tools) {
    const json::object& object = tool.as_object();
    const auto name = find_text(inner.empty() ? object : object.at(inner).as_object(), "name");
    require(!name.empty() && name.size() <= ToolNames::length_max);
    require(ToolNames().legal(name) == name);
  }
}

RequestOptions options_for(DoorDialect door, std::string_view model) {
  return {.model = std::string(model), .facts = FactsTable::built_in().find("", model, door).facts};
}

void to_openai_and_back(const json::object& request, std::string_view model) {
  ToolNames names;
  const auto there =
      request_messages_to_chat(request, options_for(DoorDialect::Chat, model), names);
  if (!there) return vdm::fuzz::require_plain(there.error());
  vdm::fuzz::require_json(*there);
  require_legal_names(*there, "function");
  ToolNames back_names;
  const auto back = request_chat_to_messages(
      *there, options_for(DoorDialect::Messages, "claude-opus-4-7"), back_names);
  if (back) {
    vdm::fuzz::require_json(*back);
  } else {
    vdm::fuzz::require_plain(back.error());
  }
}

void to_anthropic(const json::object& request, std::string_view model) {
  ToolNames names;
  const auto written =
      request_chat_to_messages(request, options_for(DoorDialect::Messages, model), names);
  if (!written) return vdm::fuzz::require_plain(written.error());
  vdm::fuzz::require_json(*written);
  require_legal_names(*written, {});
}

/// Texts are cut far sooner here than in the proxy, where the line that a system prompt may lose
/// never reaches a cut.
void require_same_when_thinned(std::string_view text, const json::object& whole) {
  if (text.find("x-anthropic-billing-header") != std::string_view::npos) return;
  for (const bool to_chat : {true, false}) {
    const auto thinned = ThinnedJson::of(text, {.text_bytes_min = 24,
                                                .text_bytes_kept = 8,
                                                .data_bytes_min = 84,
                                                .data_bytes_kept = 41,
                                                .written_as_text = to_chat ? "input" : ""});
    if (!thinned) continue;
    const auto body = parse_body(thinned->text());
    require(body.has_value());
    ToolNames names;
    ToolNames thinned_names;
    const auto options = options_for(to_chat ? DoorDialect::Chat : DoorDialect::Messages, "m");
    const auto wanted = to_chat ? request_messages_to_chat(whole, options, names)
                                : request_chat_to_messages(whole, options, names);
    const auto written = to_chat ? request_messages_to_chat(*body, options, thinned_names)
                                 : request_chat_to_messages(*body, options, thinned_names);
    require(wanted.has_value() == written.has_value());
    if (!wanted) continue;
    const auto put_back = parse_body(thinned->put_back(json_text(*written)));
    require(put_back.has_value());
    require(json_text(*put_back) == json_text(*wanted));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = parse_body({reinterpret_cast<const char*>(data), size});
  if (!body) {
    vdm::fuzz::require_plain(body.error());
    return 0;
  }
  vdm::fuzz::require_json(*body);
  for (const std::string_view model :
       {"gpt-5", "gemini-3-pro", "deepseek-reasoner", "anthropic/claude-opus-4.5"}) {
    to_openai_and_back(*body, model);
  }
  for (const std::string_view model : {"claude-sonnet-4-5", "claude-opus-4-7", "glm-4.6"}) {
    to_anthropic(*body, model);
  }
  require(estimate_input_tokens(*body) >= 1);
  require_same_when_thinned({reinterpret_cast<const char*>(data), size}, *body);
  return 0;
}
