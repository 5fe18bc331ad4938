#include "proxy-service/tap/error_reading.h"

namespace vdm::proxy {
namespace {

bool is_something(std::string_view token) {
  return token != "\"\"" && token != "null" && token != "0" && token != "false";
}

/// A code, which is a text or a number; nothing for other values.
std::string_view word_in(std::string_view token) {
  if (token.starts_with('"')) return token.substr(1, token.size() - 2);
  return token.starts_with('{') || token.starts_with('[') ? std::string_view() : token;
}

/// Walks the next value; `says` becomes true when any scalar in it says something.
bool look_for_words(JsonWalk& walk, bool& says) {
  const char ahead = walk.peek();
  if (ahead == '[') return walk.array([&] { return look_for_words(walk, says); });
  if (ahead == '{') return walk.object([&](JsonKey) { return look_for_words(walk, says); });
  says = says || is_something(walk.token());
  return walk.skip();
}

}  // namespace

bool read_error(JsonWalk& walk, ErrorReading& error) {
  if (walk.peek() == '[') return walk.array([&] { return read_error(walk, error); });
  if (walk.peek() == '"') {
    error.message = walk.string_or_skip().value_or("");
    error.present = error.present || !error.message.empty();
    return true;
  }
  return walk.object_or_skip([&](JsonKey key) {
    const bool is_text = walk.peek() == '"';
    error.present = error.present || (is_text && is_something(walk.token()));
    if (key == "message" && is_text) {
      error.message = walk.string_or_skip().value_or("");
    } else if (key == "type" && is_text) {
      const std::string_view type = walk.string_or_skip().value_or("");
      if (!type.empty()) error.type = type;
    } else {
      const std::string_view token = walk.token();
      if (key == "code" && error.type.empty() && is_something(token)) error.type = word_in(token);
      return look_for_words(walk, error.present);
    }
    return true;
  });
}

}  // namespace vdm::proxy
