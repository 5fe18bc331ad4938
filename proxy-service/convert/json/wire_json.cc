#include "proxy-service/convert/json/wire_json.h"

#include <charconv>
#include <cmath>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include "proxy-service/body/json_text.h"
#include "proxy-service/body/json_walk.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;
using boost::system::error_code;

/// Builds values from the parser's calls. Boost.JSON prescribes the names and signatures.
struct ValueBuilder {
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  json::value_stack stack{};

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t size, error_code&) {
    stack.push_object(size);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t size, error_code&) {
    stack.push_array(size);
    return true;
  }
  bool on_key_part(json::string_view text, std::size_t, error_code&) {
    stack.push_chars(text);
    return true;
  }
  bool on_key(json::string_view text, std::size_t, error_code&) {
    stack.push_key(text);
    return true;
  }
  bool on_string_part(json::string_view text, std::size_t, error_code&) {
    stack.push_chars(text);
    return true;
  }
  bool on_string(json::string_view text, std::size_t, error_code&) {
    stack.push_string(text);
    return true;
  }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, error_code&) {
    stack.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, json::string_view, error_code&) {
    stack.push_uint64(number);
    return true;
  }
  bool on_double(double rough, json::string_view text, error_code& fault) {
    // `text` is the whole number, because the parser gets all of the body at once.
    double number = rough;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (!std::isfinite(number)) fault = json::make_error_code(json::error::exponent_overflow);
    stack.push_double(number);
    return !fault;
  }
  bool on_bool(bool value, error_code&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }
};

void append_double(double number, std::string& text) {
  char digits[32];
  const auto [end, fault] = std::to_chars(digits, digits + sizeof digits, number);
  (void)fault;  // the shortest form of a double has at most 24 characters
  const std::string_view shortest(digits, static_cast<std::size_t>(end - digits));
  text.append(shortest);
  // 1.0 keeps its point, because some readers distinguish it from 1.
  if (shortest.find_first_of(".en") == std::string_view::npos) text.append(".0");
}

void append_object(const json::object& object, std::string& text) {
  text.push_back('{');
  bool first = true;
  for (const auto& [key, value] : object) {
    if (!first) text.push_back(',');
    first = false;
    append_quoted(key, text);
    text.push_back(':');
    append_json(value, text);
  }
  text.push_back('}');
}

void append_array(const json::array& array, std::string& text) {
  text.push_back('[');
  bool first = true;
  for (const json::value& value : array) {
    if (!first) text.push_back(',');
    first = false;
    append_json(value, text);
  }
  text.push_back(']');
}

}  // namespace

Result<json::value> parse_value(std::string_view text) {
  json::parse_options options;
  options.max_depth = JsonWalk::depth_max;
  json::basic_parser<ValueBuilder> parser(options);
  parser.handler().stack.reset();
  error_code fault;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), fault);
  if (fault == json::error::too_deep) {
    return Error{ErrorKind::InvalidRequest, "body: expected JSON of at most " +
                                                std::to_string(JsonWalk::depth_max) + " levels"};
  }
  if (fault || read != text.size()) {
    return Error{ErrorKind::InvalidRequest,
                 "body: not valid JSON near byte " + std::to_string(read)};
  }
  return parser.handler().stack.release();
}

Result<json::object> parse_body(std::string_view text) {
  auto value = parse_value(text);
  if (!value) return value.error();
  if (!value->is_object()) {
    return Error{ErrorKind::InvalidRequest, "body: expected a JSON object"};
  }
  return std::move(value->get_object());
}

void append_json(const json::value& value, std::string& text) {
  switch (value.kind()) {
    case json::kind::null:
      text.append("null");
      return;
    case json::kind::bool_:
      text.append(value.get_bool() ? "true" : "false");
      return;
    case json::kind::int64:
      text.append(std::to_string(value.get_int64()));
      return;
    case json::kind::uint64:
      text.append(std::to_string(value.get_uint64()));
      return;
    case json::kind::double_:
      append_double(value.get_double(), text);
      return;
    case json::kind::string:
      append_quoted(value.get_string(), text);
      return;
    case json::kind::array:
      append_array(value.get_array(), text);
      return;
    case json::kind::object:
      append_object(value.get_object(), text);
      return;
  }
}

std::string json_text(const json::value& value) {
  std::string text;
  append_json(value, text);
  return text;
}

}  // namespace vdm::proxy
