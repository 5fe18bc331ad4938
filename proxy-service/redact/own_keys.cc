#include "proxy-service/redact/own_keys.h"

#include <algorithm>
#include <optional>

namespace vdm::proxy {
namespace {

constexpr std::size_t LongMin = 8;
constexpr std::size_t WithDigitMin = 6;

/// One byte of a key as it is written in a text.
struct Written {
  char byte = 0;
  std::size_t size = 0;  ///< 0: the text ends before it can be told
};

std::optional<unsigned> hexadecimal(std::string_view digits) {
  unsigned number = 0;
  for (const char c : digits) {
    const char lower = static_cast<char>(c | 0x20);
    const bool is_letter = lower >= 'a' && lower <= 'f';
    if (!is_letter && (c < '0' || c > '9')) return std::nullopt;
    number = number * 16 + static_cast<unsigned>(is_letter ? lower - 'a' + 10 : c - '0');
  }
  return number;
}

/// The byte that begins `text`, if `lead` and so many hexadecimal digits write it; else the text's
/// first byte as it is.
Written escaped(std::string_view text, std::size_t lead, std::size_t digits) {
  const auto number = hexadecimal(text.substr(std::min(lead, text.size()), digits));
  if (text.size() < lead + digits) return number ? Written{} : Written{text.front(), 1};
  if (!number || *number > 0x7f) return {text.front(), 1};
  return {static_cast<char>(*number), lead + digits};
}

Written written_at(std::string_view text) {
  if (text.front() == '%') return escaped(text, 1, 2);
  if (text.front() != '\\') return {text.front(), 1};
  if (text.size() == 1) return {};
  if (text[1] == 'u') return escaped(text, 2, 4);
  return {text[1], 2};  // of the letters' escapes none is a byte of a key
}

}  // namespace

bool OwnKeys::is_telling(std::string_view key) {
  const bool has_digit = std::ranges::any_of(key, [](char c) { return c >= '0' && c <= '9'; });
  return key.size() >= LongMin || (has_digit && key.size() >= WithDigitMin);
}

void OwnKeys::add(const Secret& key) {
  if (!is_telling(key.reveal())) return;
  keys_.push_back(key);
  begins_[static_cast<unsigned char>(key.reveal().front())] = true;
}

/// How much of the key begins the text.
OwnKeys::Match OwnKeys::match(std::string_view text, std::string_view key) {
  std::size_t at = 0;
  std::size_t known = 0;
  bool at_end = false;
  for (; known < key.size(); ++known) {
    at_end = at == text.size();
    if (at_end) break;
    const bool as_it_is = text[at] == key[known];
    const Written next = as_it_is ? Written{text[at], 1} : written_at(text.substr(at));
    at_end = next.size == 0;
    if (at_end || next.byte != key[known]) break;
    at += next.size;
  }
  return {.size = at, .found = known == key.size() || known >= BeginningMin, .at_end = at_end};
}

OwnKeys::Match OwnKeys::match(std::string_view text) const {
  Match longest;
  if (!begins_[static_cast<unsigned char>(text.front())]) return longest;
  for (const Secret& key : keys_) {
    const Match each = match(text, key.reveal());
    longest.at_end = longest.at_end || each.at_end;
    if (each.found && each.size > longest.size) {
      longest.size = each.size;
      longest.found = true;
    }
  }
  return longest;
}

std::size_t OwnKeys::blot_out(std::span<char> text, Rest rest) const {
  const std::string_view all(text.data(), text.size());
  for (std::size_t at = 0; at < all.size();) {
    const Match here = match(all.substr(at));
    if (here.at_end && rest == Rest::Follows) return all.size() - at;
    if (here.found) std::fill_n(text.data() + at, here.size, '*');
    at += here.found ? here.size : 1;
  }
  return 0;
}

}  // namespace vdm::proxy
