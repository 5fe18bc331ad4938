#include "proxy-service/serve/redact.h"

#include <algorithm>

namespace vdm::proxy {
namespace {

constexpr std::size_t BytesMax = 256;
// Keys are longer than this; most words, model names and ids of ours are not mistaken for one.
constexpr std::size_t SecretLengthMin = 20;

bool is_word_byte(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '*' || c == '+' || c == '/' || c == '=' || c == '.' || c == '%';
}

bool may_be_secret(std::string_view word) {
  if (word.starts_with("sk-") || word.starts_with("pk-")) return word.size() > 6;
  if (word.find('*') != std::string_view::npos) return word.size() > 6;
  return word.size() >= SecretLengthMin &&
         std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string redacted(std::string_view text) {
  std::string clean;
  text = text.substr(0, 4 * BytesMax);
  while (!text.empty() && clean.size() < BytesMax) {
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
  // Not in the middle of a character.
  std::size_t size = BytesMax;
  while (size > 0 && (static_cast<unsigned char>(clean[size]) & 0xc0) == 0x80) --size;
  clean.resize(size);
  return clean;
}

}  // namespace vdm::proxy
