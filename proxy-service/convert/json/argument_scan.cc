#include "proxy-service/convert/json/argument_scan.h"

namespace vdm::proxy {
namespace {

/// Stands for every character that does not affect the structure.
constexpr char Other = 'x';

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// The character that an escape stands for, or Other when it does not affect the structure.
char meaning(std::string_view escape) {
  switch (escape[1]) {
    case 'n':
    case 'r':
    case 't':
      return ' ';
    case '"':
    case '\\':
      return escape[1];
    case 'u': {
      // Some encoders write quotes and brackets as \u escapes.
      if (!escape.substr(2).starts_with("00")) return Other;
      const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
      const int code = digit(escape[4]) * 16 + digit(escape[5]);
      return code < 0x80 ? static_cast<char>(code) : Other;
    }
    default:
      return Other;
  }
}

}  // namespace

std::size_t ArgumentScan::take(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t size = 1;
    char c = text[at];
    if (c == '\\') {
      size = text.substr(at).starts_with("\\u") ? 6 : 2;
      if (at + size > text.size()) return text.size();
      c = meaning(text.substr(at, size));
    }
    if (complete_ && !is_space(c)) return at;
    see(c);
    at += size;
  }
  return at;
}

void ArgumentScan::see(char c) {
  if (in_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
    return;
  }
  if (is_space(c)) return;
  const bool opens = c == '{' || c == '[';
  const bool closes = c == '}' || c == ']';
  // A text that is not an object or array has no visible end, so the scan never completes.
  if (depth_ == 0 && (begun_ || !opens)) {
    begun_ = true;
    return;
  }
  if (closes) {
    complete_ = --depth_ == 0;
    return;
  }
  has_members_ = has_members_ || begun_;
  is_object_ = is_object_ || (!begun_ && c == '{');
  begun_ = true;
  if (opens) ++depth_;
  in_string_ = c == '"';
}

}  // namespace vdm::proxy
