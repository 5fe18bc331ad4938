#include "proxy-service/convert/json/field.h"

#include <algorithm>

#include <boost/json/object.hpp>

namespace vdm::proxy {

namespace json = boost::json;

std::string FieldPath::text() const {
  std::string text = in_ == nullptr ? std::string() : in_->text();
  if (name_.empty()) return text.append("[").append(std::to_string(index_)).append("]");
  if (!text.empty()) text.push_back('.');
  return text.append(name_);
}

Error FieldPath::error(std::string_view what) const {
  return Error{ErrorKind::InvalidRequest, text().append(": ").append(what)};
}

const json::value* find(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const json::string* find_string(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_string();
}

const json::object* find_object(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* find_array(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

std::string_view find_text(const json::object& object, std::string_view name) {
  const json::string* text = find_string(object, name);
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

bool find_true(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

void copy_member(const json::object& from, std::string_view name, json::object& to,
                 std::string_view as) {
  if (const json::value* value = find(from, name)) to.emplace(as, *value);
}

std::string shown(std::string_view word) {
  constexpr std::size_t LengthMax = 64;
  const bool is_plain = std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  if (word.empty() || word.size() > LengthMax || !is_plain) return "other";
  return std::string("'").append(word).append("'");
}

}  // namespace vdm::proxy
