#include "proxy-service/convert/errors/error_details.h"

#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

/// How deep an error within an error is looked for, and how many a list gives.
constexpr int DepthMax = 10;
constexpr std::size_t ListedMax = 3;

/// The members that hold words, the better ones first: the last two are often only the name of the
/// status. `error` is a text here; as an object it is looked into before.
constexpr std::string_view WordMembers[] = {
    "message", "msg",          "detail",     "details", "errors", "error_description",
    "reason",  "errorMessage", "status_msg", "title",   "error"};

std::string words_in(const json::value& value, int depth);

/// "messages.0.content", from FastAPI's ["body","messages",0,"content"].
std::string place_in(const json::object& object) {
  const json::array* steps = find_array(object, "loc");
  std::string place;
  if (steps == nullptr) return place;
  for (const json::value& step : *steps) {
    const bool is_root = place.empty() && step.is_string() && step.get_string() == "body";
    if (is_root || !(step.is_string() || step.is_int64())) continue;
    if (!place.empty()) place.push_back('.');
    place.append(step.is_string() ? std::string(step.get_string())
                                  : std::to_string(step.get_int64()));
  }
  return place;
}

bool begins_with_tag(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && text[begin] == '<';
}

/// The JSON that a text is, when it is an object or an array.
Result<json::value> json_within(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  const bool may_be = begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '[');
  if (!may_be) return Error{ErrorKind::InvalidRequest, "no JSON"};
  return parse_value(text);
}

/// The error of the provider behind the one that tells it, as OpenRouter keeps it.
const json::value* raw_in(const json::object& object) {
  const json::object* metadata = find_object(object, "metadata");
  return metadata == nullptr ? nullptr : find(*metadata, "raw");
}

const json::value* choice_error_in(const json::object& object) {
  const json::array* choices = find_array(object, "choices");
  if (choices == nullptr || choices->empty()) return nullptr;
  const json::object* choice = choices->front().if_object();
  return choice == nullptr ? nullptr : find(*choice, "error");
}

std::string words_in(const json::object& object, int depth) {
  const json::value* error = find(object, "error");
  const bool has_inner = error != nullptr && !error->is_string();
  for (const json::value* inner :
       {raw_in(object), has_inner ? error : nullptr, choice_error_in(object)}) {
    if (inner == nullptr) continue;
    if (auto words = words_in(*inner, depth); !words.empty()) return words;
  }
  for (const std::string_view name : WordMembers) {
    if (name == "error" && has_inner) break;
    const json::value* member = find(object, name);
    std::string words = member == nullptr ? std::string() : words_in(*member, depth);
    if (words.empty()) continue;
    const std::string place = place_in(object);
    return place.empty() ? words : place + ": " + words;
  }
  const json::value* minimax = find(object, "base_resp");
  return minimax == nullptr ? std::string() : words_in(*minimax, depth);
}

std::string words_in(const json::value& value, int depth) {
  if (depth == 0) return {};
  if (const json::string* text = value.if_string()) {
    if (const auto inner = json_within(*text)) {
      if (auto words = words_in(*inner, depth - 1); !words.empty()) return words;
    }
    // A page explains nothing to a program and may hold anything.
    return begins_with_tag(*text) ? std::string() : std::string(*text);
  }
  if (const json::object* object = value.if_object()) return words_in(*object, depth - 1);
  std::string joined;
  const json::array* list = value.if_array();
  if (list == nullptr) return joined;
  std::size_t listed = 0;
  for (const json::value& each : *list) {
    const std::string words = words_in(each, depth - 1);
    if (words.empty()) continue;
    if (!joined.empty()) joined.append("; ");
    joined.append(words);
    if (++listed == ListedMax) break;
  }
  return joined;
}

std::optional<int> number_in(const json::object& object, std::string_view name) {
  const json::value* value = find(object, name);
  const bool fits = value != nullptr && value->is_int64() && value->get_int64() >= 0 &&
                    value->get_int64() <= std::numeric_limits<int>::max();
  return fits ? std::optional(static_cast<int>(value->get_int64())) : std::nullopt;
}

void keep(std::string& known, std::string said) {
  if (known.empty()) known = std::move(said);
}

/// Adds type, code and the like; what stands further in is more exact and is read first.
void read_marks(const json::value& value, int depth, ErrorDetails& details) {
  if (depth == 0) return;
  if (const json::string* text = value.if_string()) {
    if (const auto inner = json_within(*text)) read_marks(*inner, depth - 1, details);
    return;
  }
  if (const json::array* list = value.if_array()) {
    if (!list->empty()) read_marks(list->front(), depth - 1, details);
    return;
  }
  const json::object* object = value.if_object();
  if (object == nullptr) return;
  for (const json::value* inner :
       {raw_in(*object), find(*object, "error"), choice_error_in(*object), find(*object, "message"),
        find(*object, "detail"), find(*object, "errors")}) {
    if (inner != nullptr) read_marks(*inner, depth - 1, details);
  }
  keep(details.param, std::string(find_text(*object, "param")));
  keep(details.param, place_in(*object));
  // A validator's type and code are of the field, not of the error.
  if (object->contains("loc")) return;
  keep(details.type, std::string(find_text(*object, "type")));
  keep(details.type, std::string(find_text(*object, "status")));
  keep(details.code, std::string(find_text(*object, "code")));
  if (const auto code = number_in(*object, "code")) details.number = *code;
  if (details.number == 0) details.number = number_in(*object, "status").value_or(0);
  details.used = number_in(*object, "n_prompt_tokens").value_or(details.used);
  details.limit = number_in(*object, "n_ctx").value_or(details.limit);
}

}  // namespace

ErrorDetails details_in(const json::value& body) {
  ErrorDetails details;
  details.message = words_in(body, DepthMax);
  read_marks(body, DepthMax, details);
  return details;
}

}  // namespace vdm::proxy
