#include "proxy-service/convert/messages_to_chat/response.h"

#include <string>

#include "proxy-service/convert/chat/reasoning_details.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/raw_arguments.h"
#include "proxy-service/convert/stop_reason.h"
#include "proxy-service/convert/usage_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

/// Collects the message of an OpenAI answer block by block.
class Message {
 public:
  explicit Message(const ToolNames& names) : names_(names) {}

  void add(const json::object& block) {
    const std::string_view type = find_text(block, "type");
    if (type == "text") text_.append(find_text(block, "text"));
    if (type == "thinking") {
      reasoning_.append(find_text(block, "thinking"));
      details_.emplace_back(text_detail(block));
    }
    if (type == "redacted_thinking") details_.emplace_back(encrypted_detail(block));
    if (type == "tool_use") add_call(block);
  }

  json::object take() && {
    json::object message;
    message.emplace("role", "assistant");
    if (text_.empty() && !calls_.empty()) {
      message.emplace("content", nullptr);
    } else {
      message.emplace("content", std::move(text_));
    }
    message.emplace("refusal", nullptr);
    if (!reasoning_.empty()) message.emplace("reasoning_content", std::move(reasoning_));
    if (!details_.empty()) message.emplace("reasoning_details", std::move(details_));
    if (!calls_.empty()) message.emplace("tool_calls", std::move(calls_));
    return message;
  }

 private:
  void add_call(const json::object& block) {
    const json::value* input = block.if_contains("input");
    json::object function;
    function.emplace("name", names_.original(find_text(block, "name")));
    function.emplace("arguments", input == nullptr ? "{}" : arguments_text(*input));
    json::object call;
    call.emplace("id", find_text(block, "id"));
    call.emplace("type", "function");
    call.emplace("function", std::move(function));
    calls_.emplace_back(std::move(call));
  }

  const ToolNames& names_;
  json::string text_;
  json::string reasoning_;
  json::array details_;
  json::array calls_;
};

}  // namespace

Result<json::object> response_messages_to_chat(const json::object& answer,
                                               const ResponseOptions& options,
                                               const ToolNames& names) {
  const json::array* content = find_array(answer, "content");
  if (content == nullptr) {
    return Error{ErrorKind::UpstreamRejected,
                 "the provider's answer: expected content, found none"};
  }
  Message message(names);
  for (const json::value& block : *content) {
    if (const json::object* object = block.if_object()) message.add(*object);
  }
  json::object choice;
  choice.emplace("index", 0);
  choice.emplace("message", std::move(message).take());
  choice.emplace("logprobs", nullptr);
  choice.emplace("finish_reason", finish_reason_of(find_text(answer, "stop_reason")));
  json::array choices;
  choices.emplace_back(std::move(choice));

  json::object out;
  out.emplace("id", options.id);
  out.emplace("object", "chat.completion");
  out.emplace("created", options.created);
  out.emplace("model", options.model);
  out.emplace("choices", std::move(choices));
  out.emplace("usage", openai_usage(usage_in(answer)));
  return out;
}

}  // namespace vdm::proxy
