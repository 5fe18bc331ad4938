#include "proxy-service/redact/redact.h"

#include <algorithm>

#include "proxy-service/redact/error_words.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t BytesMax = 256;
// Keys are longer than this; it mistakes few words, model names and ids of ours for a key.
constexpr std::size_t SecretLengthMin = 20;

bool is_word_byte(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '*' || c == '+' || c == '/' || c == '=' || c == '.' || c == '%';
}

/// Whether the word is the path of a field, such as messages.3.content.1.tool_use.id or
/// /tools/10/custom: names without digits (or known ones, as base64), and indices. Keys have digits
/// in between.
bool is_field_path(std::string_view word) {
  constexpr std::size_t IndexDigitsMax = 4;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  bool has_separator = false;
  while (!word.empty()) {
    const std::size_t end = std::min(word.find_first_of("./"), word.size());
    const std::string_view part = word.substr(0, end);
    const auto digits = static_cast<std::size_t>(std::ranges::count_if(part, is_digit));
    const bool is_index = digits == part.size() && digits <= IndexDigitsMax;
    if (digits > 0 && !is_index && !is_error_word(part)) return false;
    has_separator = has_separator || end < word.size();
    word.remove_prefix(std::min(end + 1, word.size()));
  }
  return has_separator;
}

bool may_be_secret(std::string_view word) {
  if (word.starts_with("sk-") || word.starts_with("pk-")) return word.size() > 6;
  if (word.find('*') != std::string_view::npos) return word.size() > 6;
  return word.size() >= SecretLengthMin &&
         std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; }) &&
         !is_field_path(word);
}

/// Whether a quotation may hold content, as providers quote what they refuse. A name has no
/// blanks, is short and is ASCII.
bool may_be_content(std::string_view quoted) {
  constexpr std::size_t NameLengthMax = 64;
  return quoted.size() > NameLengthMax || std::ranges::any_of(quoted, [](char c) {
           return c == ' ' || c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= 0x80;
         });
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Where the quotation that opens at `at` closes: at the next such mark without a letter or digit
/// behind it, as an apostrophe has. A quotation that is cut short closes at the text's end.
std::size_t quotation_end(std::string_view text, std::size_t at) {
  for (std::size_t end = text.find(text[at], at + 1); end != std::string_view::npos;
       end = text.find(text[at], end + 1)) {
    if (end + 1 == text.size() || !is_alphanumeric(text[end + 1])) return end;
  }
  return text.size();
}

std::string without_quotations(std::string_view text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const bool opens =
        (c == '"' || c == '\'' || c == '`') && (at == 0 || !is_alphanumeric(text[at - 1]));
    const std::size_t end = opens ? quotation_end(text, at) : at;
    if (opens && may_be_content(text.substr(at + 1, end - at - 1))) {
      kept.append(1, c).append("[redacted]").append(text.substr(end, 1));
      at = end + 1;
    } else {
      kept.push_back(c);
      ++at;
    }
  }
  return kept;
}

}  // namespace

std::string redacted(std::string_view foreign) {
  std::string clean;
  const std::string unquoted = without_quotations(foreign.substr(0, 4 * BytesMax));
  std::string_view text = unquoted;
  while (!text.empty() && clean.size() <= BytesMax + 4) {
    const auto end = std::ranges::find_if_not(
        text, [](char c) { return is_word_byte(static_cast<unsigned char>(c)); });
    const auto size = static_cast<std::size_t>(end - text.begin());
    if (size > 0) {
      const std::string_view word = text.substr(0, size);
      clean.append(may_be_secret(word) ? "[redacted]" : word);
      text.remove_prefix(size);
      continue;
    }
    const auto byte = static_cast<unsigned char>(text.front());
    clean.push_back(byte < 0x20 || byte == 0x7f ? ' ' : text.front());
    text.remove_prefix(1);
  }
  if (clean.size() <= BytesMax) return clean;
  // Does not cut in the middle of a character.
  std::size_t size = BytesMax;
  while (size > 0 && (static_cast<unsigned char>(clean[size]) & 0xc0) == 0x80) --size;
  clean.resize(size);
  return clean;
}

}  // namespace vdm::proxy
