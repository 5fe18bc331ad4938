#include "metrics-service/cli/gateway/json_member.h"

#include <boost/json/value.hpp>

namespace vdm::cli {

namespace json = boost::json;

std::string text_member(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::uint64_t count_member(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  const bool is_count = value && value->is_int64() && value->get_int64() > 0;
  return is_count ? static_cast<std::uint64_t>(value->get_int64()) : 0;
}

std::optional<double> number_member(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

const json::object* object_member(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? value->if_object() : nullptr;
}

const json::array* array_member(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? value->if_array() : nullptr;
}

}  // namespace vdm::cli
