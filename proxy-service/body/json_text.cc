#include "proxy-service/body/json_text.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace vdm::proxy {
namespace {

constexpr std::string_view Letters = "\"\\/bfnrt";
constexpr std::string_view Meanings = "\"\\/\b\f\n\r\t";

void append_utf8(std::uint32_t code, std::string& out) {
  const auto byte = [&out](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

/// The value of the four digits in \uXXXX; `text` begins with them.
std::optional<std::uint32_t> four_digits(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t code = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + 4, code, 16);
  if (fault != std::errc{} || end != text.data() + 4) return std::nullopt;
  return code;
}

/// Decodes \uXXXX, and with it the second half of a surrogate pair. `text` begins after the 'u';
/// the decoded part is removed from it.
bool append_escaped_code(std::string_view& text, std::string& out) {
  constexpr std::uint32_t Replacement = 0xFFFD;
  const auto first = four_digits(text);
  if (!first) return false;
  text.remove_prefix(4);

  const bool is_high = *first >= 0xD800 && *first < 0xDC00;
  const bool is_low = *first >= 0xDC00 && *first < 0xE000;
  if (is_high && text.starts_with("\\u")) {
    const auto second = four_digits(text.substr(2));
    if (second && *second >= 0xDC00 && *second < 0xE000) {
      text.remove_prefix(6);
      append_utf8(0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00), out);
      return true;
    }
  }
  append_utf8(is_high || is_low ? Replacement : *first, out);
  return true;
}

}  // namespace

bool append_decoded(std::string_view text, std::string& out) {
  for (;;) {
    const auto backslash = text.find('\\');
    out.append(text.substr(0, backslash));
    if (backslash == std::string_view::npos) return true;
    text.remove_prefix(backslash + 1);
    if (text.empty()) return false;

    const char letter = text.front();
    text.remove_prefix(1);
    if (letter == 'u') {
      if (!append_escaped_code(text, out)) return false;
      continue;
    }
    const auto which = Letters.find(letter);
    if (which == std::string_view::npos) return false;
    out.push_back(Meanings[which]);
  }
}

bool escapes_are_legal(std::string_view text) {
  for (;;) {
    const auto backslash = text.find('\\');
    if (backslash == std::string_view::npos) return true;
    text.remove_prefix(backslash + 1);
    if (text.empty()) return false;
    const char letter = text.front();
    text.remove_prefix(1);
    if (letter == 'u' ? !four_digits(text) : Letters.find(letter) == Letters.npos) return false;
  }
}

void append_quoted(std::string_view text, std::string& out) {
  constexpr std::string_view Digits = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out.append("\\u00").push_back(Digits[byte >> 4]);
      out.push_back(Digits[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

bool key_is(std::string_view between_quotes, std::string_view name) {
  if (between_quotes.find('\\') == std::string_view::npos) return between_quotes == name;
  std::string decoded;
  return append_decoded(between_quotes, decoded) && decoded == name;
}

}  // namespace vdm::proxy
