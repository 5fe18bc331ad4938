#include "common/base/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "common/base/utf8.h"

namespace vdm {
namespace {

constexpr std::string_view Replacement = "\xef\xbf\xbd";  // U+FFFD

/// How many bytes at the front of `text` a JSON string can hold without escaping.
std::size_t plain_prefix(std::string_view text) {
  const auto plain = [](unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  std::size_t at = 0;
  while (at < text.size() && plain(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

void append_escaped(std::string& out, unsigned char c) {
  constexpr std::string_view Digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += Digits[c >> 4];
      out += Digits[c & 15];
  }
}

}  // namespace

void JsonWriter::separate() {
  if (!first_) text_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  text_ += bracket;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  value(name);
  text_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  text_ += '"';
  for (;;) {
    const std::size_t plain = plain_prefix(text);
    text_.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto c = static_cast<unsigned char>(text.front());
    const std::size_t length = c < 0x80 ? 1 : utf8_character_bytes(text);
    if (c < 0x80) {
      append_escaped(text_, c);
    } else {
      text_.append(length > 0 ? text.substr(0, length) : Replacement);
    }
    text.remove_prefix(length > 0 ? length : 1);
  }
  text_ += '"';
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  std::array<char, 32> digits{};
  const auto [end, fault] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return raw(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

}  // namespace vdm
