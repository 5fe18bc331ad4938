#include "proxy-service/convert/chat_to_messages/response.h"

#include <set>
#include <string>

#include "proxy-service/convert/chat/reasoning_details.h"
#include "proxy-service/convert/content/thought_signature.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/raw_arguments.h"
#include "proxy-service/convert/stop_reason.h"
#include "proxy-service/convert/usage_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

void append_text(std::string_view text, json::array& blocks) {
  if (text.empty()) return;
  json::object block;
  block.emplace("type", "text");
  block.emplace("text", text);
  blocks.emplace_back(std::move(block));
}

/// Appends the content: a string, or parts as Mistral sends them.
void append_content(const json::object& message, json::array& blocks) {
  if (const json::string* text = find_string(message, "content")) append_text(*text, blocks);
  const json::array* parts = find_array(message, "content");
  if (parts == nullptr) return;
  for (const json::value& value : *parts) {
    if (const json::object* part = value.if_object()) append_text(find_text(*part, "text"), blocks);
  }
}

/// Converts the calls of one answer. It keeps the provider's id unless that is missing or repeated.
class Calls {
 public:
  Calls(const ResponseOptions& options, const ToolNames& names)
      : options_(options), names_(names) {}

  void append(const json::object& call, const json::object& function, json::array& blocks) {
    std::string id = id_with_signature(find_text(call, "id"), call);
    if (find_text(call, "id").empty() || seen_.contains(id)) {
      id = id_with_signature(made_up_id(), call);
    }
    seen_.insert(id);
    json::object block;
    block.emplace("type", "tool_use");
    block.emplace("id", id);
    block.emplace("name", names_.original(find_text(function, "name")));
    // Most providers send arguments as text; some local servers send the object itself.
    const json::object* parsed = find_object(function, "arguments");
    block.emplace("input",
                  parsed != nullptr ? *parsed : arguments_object(find_text(function, "arguments")));
    blocks.emplace_back(std::move(block));
  }

  bool any() const { return !seen_.empty(); }

 private:
  /// An id that differs in every answer and for every call in it.
  std::string made_up_id() const {
    const std::string_view id = options_.id;
    return std::string("toolu_")
        .append(id.substr(id.find('_') + 1))
        .append("_")
        .append(std::to_string(seen_.size()));
  }

  const ResponseOptions& options_;
  const ToolNames& names_;
  std::set<std::string> seen_;
};

void append_calls(const json::object& message, Calls& calls, json::array& blocks) {
  if (const json::array* list = find_array(message, "tool_calls")) {
    for (const json::value& value : *list) {
      const json::object* call = value.if_object();
      const json::object* function = call == nullptr ? nullptr : find_object(*call, "function");
      if (function != nullptr) calls.append(*call, *function, blocks);
    }
    return;
  }
  const json::object* function = find_object(message, "function_call");
  if (function != nullptr) calls.append({}, *function, blocks);
}

const json::object* first_choice(const json::object& answer) {
  const json::array* choices = find_array(answer, "choices");
  return choices == nullptr || choices->empty() ? nullptr : choices->front().if_object();
}

}  // namespace

Result<json::object> response_chat_to_messages(const json::object& answer,
                                               const ResponseOptions& options,
                                               const ToolNames& names) {
  const json::object* choice = first_choice(answer);
  const json::object* message = choice == nullptr ? nullptr : find_object(*choice, "message");
  if (message == nullptr) {
    return Error{ErrorKind::UpstreamRejected,
                 "the provider's answer: expected choices[0].message, found none"};
  }
  json::array content = thinking_blocks(*message);
  append_content(*message, content);
  const std::string_view refusal = find_text(*message, "refusal");
  append_text(refusal, content);
  Calls calls(options, names);
  append_calls(*message, calls, content);

  json::object out;
  out.emplace("id", options.id);
  out.emplace("type", "message");
  out.emplace("role", "assistant");
  out.emplace("model", options.model);
  out.emplace("content", std::move(content));
  out.emplace("stop_reason", refusal.empty()
                                 ? stop_reason_of(find_text(*choice, "finish_reason"), calls.any())
                                 : std::string_view("refusal"));
  out.emplace("stop_sequence", nullptr);
  out.emplace("usage", anthropic_usage(usage_in(answer)));
  return out;
}

}  // namespace vdm::proxy
