#include "proxy-service/convert/json/schema.h"

#include <algorithm>
#include <string_view>

#include <boost/json/value.hpp>

#include "proxy-service/convert/json/field.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

/// Members whose value is a schema, a list of schemas, or an object of named schemas.
constexpr std::string_view One[] = {"items", "additionalProperties", "not", "contains"};
constexpr std::string_view Lists[] = {"anyOf", "allOf", "oneOf", "prefixItems"};
constexpr std::string_view Named[] = {"properties", "$defs", "definitions"};

/// Calls `visit` with each schema directly within `schema`.
template <class Object, class Visit>
void for_each_inner(Object& schema, Visit visit) {
  for (const std::string_view name : One) {
    if (auto* inner = schema.if_contains(name)) visit(*inner);
  }
  for (const std::string_view name : Lists) {
    auto* list = schema.if_contains(name);
    if (list == nullptr || !list->is_array()) continue;
    for (auto& inner : list->get_array()) visit(inner);
  }
  for (const std::string_view name : Named) {
    auto* named = schema.if_contains(name);
    if (named == nullptr || !named->is_object()) continue;
    for (auto& member : named->get_object()) visit(member.value());
  }
}

bool is_object_schema(const json::object& schema) {
  const json::value* type = schema.if_contains("type");
  if (type == nullptr) return schema.contains("properties");
  if (type->is_string()) return type->get_string() == "object";
  const json::array* types = type->if_array();
  return types != nullptr && std::ranges::find(*types, json::value("object")) != types->end();
}

bool requires_all(const json::object& schema) {
  const json::object* properties = find_object(schema, "properties");
  if (properties == nullptr) return true;
  const json::array* required = find_array(schema, "required");
  return std::ranges::all_of(*properties, [required](const auto& property) {
    return required != nullptr &&
           std::ranges::find(*required, json::value(property.key())) != required->end();
  });
}

}  // namespace

bool is_strict_schema(const json::value& value) {
  const json::object* schema = value.if_object();
  if (schema == nullptr) return true;
  if (is_object_schema(*schema)) {
    const json::value* others = schema->if_contains("additionalProperties");
    const bool closed = others != nullptr && others->is_bool() && !others->get_bool();
    if (!closed || !requires_all(*schema)) return false;
  }
  bool strict = true;
  for_each_inner(*schema, [&](const json::value& inner) { strict &= is_strict_schema(inner); });
  return strict;
}

void add_properties(json::value& value) {
  json::object* schema = value.if_object();
  if (schema == nullptr) return;
  for_each_inner(*schema, [](json::value& inner) { add_properties(inner); });
  if (is_object_schema(*schema) && !schema->contains("properties")) {
    schema->emplace("properties", json::object());
  }
}

void add_type(json::value& value) {
  json::object* schema = value.if_object();
  if (schema != nullptr && !schema->contains("type")) schema->emplace("type", "object");
}

void forbid_other_properties(json::value& value) {
  json::object* schema = value.if_object();
  if (schema == nullptr) return;
  for_each_inner(*schema, [](json::value& inner) { forbid_other_properties(inner); });
  if (is_object_schema(*schema)) (*schema)["additionalProperties"] = false;
}

}  // namespace vdm::proxy
