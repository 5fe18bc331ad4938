#include "deploy/demo-provider/call.h"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "deploy/demo-provider/words.h"

namespace vdm::demo {
namespace {

Error invalid(std::string message) { return Error{ErrorKind::InvalidRequest, std::move(message)}; }

std::string_view text_in(const json::value* value) {
  if (!value || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

bool flag_in(const json::object& object, std::string_view name, bool otherwise) {
  const json::value* value = object.if_contains(name);
  return value && value->is_bool() ? value->get_bool() : otherwise;
}

/// The text of a message's content, which is a string or an array with text blocks.
std::string text_of_content(const json::value* content) {
  if (!content) return {};
  if (content->is_string()) return std::string(text_in(content));
  std::string text;
  if (!content->is_array()) return text;
  for (const json::value& block : content->get_array()) {
    if (!block.is_object()) continue;
    const std::string_view piece = text_in(block.get_object().if_contains("text"));
    if (!text.empty() && !piece.empty()) text += '\n';
    text += piece;
  }
  return text;
}

/// The text of an Anthropic tool_result block; empty when there is none.
std::string tool_result_of(const json::object& message) {
  const json::value* content = message.if_contains("content");
  if (!content || !content->is_array()) return {};
  for (const json::value& block : content->get_array()) {
    if (!block.is_object()) continue;
    if (text_in(block.get_object().if_contains("type")) != "tool_result") continue;
    std::string text = text_of_content(block.get_object().if_contains("content"));
    return text.empty() ? "nothing" : text;
  }
  return {};
}

void read_tools(const json::object& body, Call& call) {
  const json::value* tools = body.if_contains("tools");
  if (!tools || !tools->is_array()) return;
  for (const json::value& entry : tools->get_array()) {
    if (!entry.is_object()) continue;
    const json::object* tool = &entry.get_object();
    if (call.dialect == Dialect::OpenAi) {
      const json::value* function = tool->if_contains("function");
      if (!function || !function->is_object()) continue;
      tool = &function->get_object();
    }
    const std::string_view name = text_in(tool->if_contains("name"));
    const json::value* schema =
        tool->if_contains(call.dialect == Dialect::OpenAi ? "parameters" : "input_schema");
    if (name.empty()) continue;
    call.tools.push_back(
        {.name = std::string(name),
         .schema = schema && schema->is_object() ? schema->get_object() : json::object()});
  }
  call.prefix += json::serialize(*tools);
}

void read_tool_choice(const json::object& body, Call& call) {
  const json::value* choice = body.if_contains("tool_choice");
  if (!choice) return;
  std::string_view type = text_in(choice);
  if (choice->is_object()) {
    const json::object& object = choice->get_object();
    type = text_in(object.if_contains("type"));
    const json::value* function = object.if_contains("function");
    call.named_tool = function && function->is_object()
                          ? text_in(function->get_object().if_contains("name"))
                          : text_in(object.if_contains("name"));
    call.parallel_tools = !flag_in(object, "disable_parallel_tool_use", false);
  }
  if (type == "none") call.tool_choice = ToolChoice::Never;
  if (type == "any" || type == "required") call.tool_choice = ToolChoice::Any;
  if (!call.named_tool.empty()) call.tool_choice = ToolChoice::Named;
}

void read_messages(const json::array& messages, Call& call) {
  for (const json::value& entry : messages) {
    if (!entry.is_object()) continue;
    const json::object& message = entry.get_object();
    const std::string_view role = text_in(message.if_contains("role"));
    const std::string text = text_of_content(message.if_contains("content"));
    call.input_tokens += count_tokens(text) + 4;  // the message's frame costs tokens too
    call.tool_result.clear();
    if (role == "system" || role == "developer") call.prefix += text;
    if (role == "tool") call.tool_result = text.empty() ? "nothing" : text;
    if (role == "user") {
      call.tool_result = tool_result_of(message);
      if (!text.empty()) call.asked = text;
    }
  }
}

Result<std::uint64_t> read_max_tokens(const json::object& body, const Call& call) {
  const json::value* value = body.if_contains("max_tokens");
  if (call.dialect == Dialect::OpenAi && !value) value = body.if_contains("max_completion_tokens");
  if (!value || value->is_null()) {
    if (call.dialect == Dialect::Anthropic) return invalid("max_tokens: Field required");
    return call.max_tokens;
  }
  if (!value->is_int64() || value->get_int64() < 1) {
    return invalid("max_tokens: expected a positive integer");
  }
  return static_cast<std::uint64_t>(value->get_int64());
}

}  // namespace

Result<Call> read_call(Dialect dialect, std::string_view body) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = 64;
  const json::value parsed = json::parse(body, error, {}, options);
  if (error || !parsed.is_object()) return invalid("the body is not a JSON object");
  const json::object& object = parsed.get_object();

  Call call;
  call.dialect = dialect;
  call.model = text_in(object.if_contains("model"));
  if (call.model.empty()) return invalid("model: expected a model name");
  const json::value* messages = object.if_contains("messages");
  if (!messages || !messages->is_array() || messages->get_array().empty()) {
    return invalid("messages: expected an array with at least one message");
  }
  const auto max_tokens = read_max_tokens(object, call);
  if (!max_tokens) return max_tokens.error();
  call.max_tokens = *max_tokens;

  call.stream = flag_in(object, "stream", false);
  call.parallel_tools = flag_in(object, "parallel_tool_calls", true);
  if (const json::value* wanted = object.if_contains("stream_options");
      wanted && wanted->is_object()) {
    call.include_usage = flag_in(wanted->get_object(), "include_usage", false);
  }
  if (const json::value* thinking = object.if_contains("thinking");
      thinking && thinking->is_object()) {
    const std::string_view type = text_in(thinking->get_object().if_contains("type"));
    call.thinking = type == "enabled" || type == "adaptive";
  }
  if (object.contains("reasoning_effort") || call.model == "demo-thinker") call.thinking = true;

  read_tools(object, call);
  read_tool_choice(object, call);
  call.prefix += text_of_content(object.if_contains("system"));
  call.input_tokens = count_tokens(call.prefix);  // system messages count in read_messages()
  read_messages(messages->get_array(), call);
  call.prefix_tokens = count_tokens(call.prefix);
  call.cache_asked = body.find("\"cache_control\"") != std::string_view::npos;
  return call;
}

}  // namespace vdm::demo
