#include "proxy-service/convert/json/raw_arguments.h"

#include <algorithm>

#include "common/base/text.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

constexpr std::string_view RawName = "_raw_arguments";

}  // namespace

json::object arguments_object(std::string_view text) {
  if (is_blank(text)) return {};
  if (auto parsed = parse_body(text)) return std::move(*parsed);
  json::object raw;
  raw.emplace(RawName, text);
  return raw;
}

std::string arguments_text(const json::value& input) {
  const json::object* object = input.if_object();
  if (object == nullptr) return "{}";
  if (object->size() == 1) {
    if (const json::string* raw = find_string(*object, RawName)) return std::string(*raw);
  }
  return json_text(input);
}

}  // namespace vdm::proxy
