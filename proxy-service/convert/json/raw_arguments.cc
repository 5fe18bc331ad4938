#include "proxy-service/convert/json/raw_arguments.h"

#include <optional>
#include <utility>

#include "common/base/text.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

constexpr std::string_view RawName = "_raw_arguments";

bool means_none(const json::value& value) {
  return value.is_null() || (value.is_array() && value.get_array().empty()) ||
         (value.is_string() && is_blank(value.get_string()));
}

/// The object that a text stands for, if it stands for one; texts within texts are read once.
std::optional<json::object> object_in(std::string_view text) {
  if (is_blank(text)) return json::object();
  auto parsed = parse_value(text);
  if (parsed && parsed->is_string()) {
    const json::string inner = std::move(parsed->get_string());
    if (is_blank(inner)) return json::object();
    parsed = parse_value(inner);
  }
  if (!parsed) return std::nullopt;
  if (means_none(*parsed)) return json::object();
  if (!parsed->is_object()) return std::nullopt;
  return std::move(parsed->get_object());
}

}  // namespace

json::object arguments_object(std::string_view text) {
  if (auto object = object_in(text)) return std::move(*object);
  json::object raw;
  raw.emplace(RawName, text);
  return raw;
}

std::string arguments_text(const json::value& input) {
  if (const json::string* text = input.if_string()) return arguments_meant_by(*text);
  const json::object* object = input.if_object();
  if (object == nullptr) return "{}";
  if (object->size() == 1) {
    if (const json::string* raw = find_string(*object, RawName)) return std::string(*raw);
  }
  return json_text(input);
}

std::string arguments_meant_by(std::string_view text) {
  const auto object = object_in(text);
  return object ? json_text(*object) : std::string(text);
}

}  // namespace vdm::proxy
