#include "proxy-service/convert/chat/assembled_chat.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "proxy-service/convert/errors/error_details.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

/// Adds what a chunk says to what is known: texts and lists go on, anything else is said anew.
void accumulate(json::value& known, const json::value& said) {
  if (said.is_null()) return;
  if (known.is_string() && said.is_string()) {
    known.get_string().append(said.get_string());
  } else if (known.is_array() && said.is_array()) {
    for (const json::value& each : said.get_array()) known.get_array().push_back(each);
  } else if (known.is_object() && said.is_object()) {
    for (const auto& [name, value] : said.get_object()) {
      accumulate(known.get_object()[name], value);
    }
  } else {
    known = said;
  }
}

void say_anew(json::object& known, std::string_view name, const json::value& said) {
  if (!said.is_null() || !known.contains(name)) known[name] = said;
}

std::optional<std::uint64_t> number_at(const json::object& said, std::string_view name) {
  const json::value* value = find(said, name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value->get_int64());
}

}  // namespace

void AssembledChat::take(const json::object& chunk) {
  for (const auto& [name, value] : chunk) {
    if (name != "choices") say_anew(answer_, name, value);
  }
  const json::array* choices = find_array(chunk, "choices");
  if (choices == nullptr) return;
  for (const json::value& each : *choices) {
    const json::object* said = each.if_object();
    Choice* choice = said == nullptr ? nullptr : choice_of(*said);
    if (choice != nullptr) add(*said, *choice);
  }
}

AssembledChat::Choice* AssembledChat::choice_of(const json::object& said) {
  const std::uint64_t index = number_at(said, "index").value_or(0);
  const auto found = std::ranges::find(choices_, index, &Choice::index);
  if (found != choices_.end()) return &*found;
  if (choices_.size() == choices_max) return nullptr;
  return &choices_.emplace_back(Choice{.index = index});
}

void AssembledChat::add(const json::object& said, Choice& choice) {
  for (const auto& [name, value] : said) {
    if (name == "delta" || name == "message") {
      if (value.is_object()) add_message(value.get_object(), choice);
    } else if (name == "logprobs") {
      accumulate(choice.members[name], value);
    } else {
      say_anew(choice.members, name, value);
    }
  }
}

void AssembledChat::add_message(const json::object& delta, Choice& choice) {
  for (const auto& [name, value] : delta) {
    if (name == "role") {
      say_anew(choice.message, name, value);
    } else if (name != "tool_calls") {
      accumulate(choice.message[name], value);
    }
  }
  const json::array* calls = find_array(delta, "tool_calls");
  if (calls == nullptr) return;
  for (std::size_t i = 0; i < calls->size(); ++i) {
    const json::object* said = (*calls)[i].if_object();
    if (said == nullptr) continue;
    add_call(*said, {.place = i, .alone = calls->size() == 1}, choice);
  }
}

void AssembledChat::add_call(const json::object& said, CallPiece piece, Choice& choice) {
  static const json::object None;
  const json::object* function = find_object(said, "function");
  if (function == nullptr) function = &None;
  const json::value* arguments = find(*function, "arguments");
  std::string text;
  if (arguments != nullptr) {
    text = arguments->is_string() ? std::string(arguments->get_string()) : json_text(*arguments);
  }
  std::string quoted;
  append_quoted(text, quoted);
  piece.index = number_at(said, "index");
  piece.id = find_text(said, "id");
  piece.name = find_text(*function, "name");
  piece.arguments = std::string_view(quoted).substr(1, quoted.size() - 2);
  piece.has_arguments = arguments != nullptr;

  auto number = call_of(piece, choice.calls);
  if (!number) {
    if (choice.calls.size() == calls_max) return;
    number = choice.calls.size();
    choice.calls.emplace_back().index = index_of(piece);
  }
  Call& call = choice.calls[*number];
  if (call.id.empty()) call.id = piece.id;
  if (!call.has_arguments && call.name != piece.name) call.name.append(piece.name);
  call.has_arguments = call.has_arguments || piece.has_arguments;
  const std::size_t own = call.scan.take(piece.arguments);
  // Text after the end of the arguments repeats them.
  if (own == piece.arguments.size()) call.arguments.append(text);
  call.complete = call.scan.complete();
  for (const auto& [name, value] : said) {
    if (name != "index" && name != "function") say_anew(call.members, name, value);
  }
}

json::object AssembledChat::whole(Choice& choice) {
  if (!choice.message.contains("role")) choice.message.emplace("role", "assistant");
  if (!choice.message.contains("content")) choice.message.emplace("content", nullptr);
  json::array calls;
  for (Call& call : choice.calls) {
    json::object function;
    function.emplace("name", call.name);
    function.emplace("arguments", call.arguments);
    call.members["function"] = std::move(function);
    if (!call.members.contains("type")) call.members.emplace("type", "function");
    calls.emplace_back(std::move(call.members));
  }
  if (!calls.empty()) choice.message["tool_calls"] = std::move(calls);
  json::object whole;
  whole.emplace("index", choice.index);
  whole.emplace("message", std::move(choice.message));
  for (const auto& [name, value] : choice.members) {
    if (name != "index") whole.emplace(name, value);
  }
  return whole;
}

Result<json::object> AssembledChat::take_answer() && {
  const bool finished = std::ranges::any_of(choices_, [](const Choice& choice) {
    return !find_text(choice.members, "finish_reason").empty();
  });
  const json::value* error = find(answer_, "error");
  const bool failed = error != nullptr && !details_in(*error).message.empty();
  if (!finished && !done_ && !failed) {
    return Error{ErrorKind::UpstreamRejected, "the provider's stream ended before it was complete"};
  }
  json::array choices;
  for (Choice& choice : choices_) choices.emplace_back(whole(choice));
  answer_["object"] = "chat.completion";
  answer_["choices"] = std::move(choices);
  return std::move(answer_);
}

}  // namespace vdm::proxy
