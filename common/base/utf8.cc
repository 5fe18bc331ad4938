#include "common/base/utf8.h"

#include <cstdint>
#include <cstring>

namespace vdm {
namespace {

/// How many bytes at the front are ASCII. It compares eight bytes at a time, as nearly all text is
/// ASCII.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if ((word & 0x8080808080808080ull) != 0) break;
  }
  while (at < text.size() && static_cast<std::uint8_t>(text[at]) < 0x80) ++at;
  return at;
}

}  // namespace

std::size_t utf8_character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xc0) != 0x80) return 0;
  }
  // The second byte reveals overlong forms, surrogates and characters above U+10FFFF.
  const std::uint8_t second = byte(1);
  if (lead == 0xe0 && second < 0xa0) return 0;
  if (lead == 0xed && second > 0x9f) return 0;
  if (lead == 0xf0 && second < 0x90) return 0;
  if (lead == 0xf4 && second > 0x8f) return 0;
  return length;
}

bool is_utf8(std::string_view text) {
  text.remove_prefix(ascii_prefix(text));
  while (!text.empty()) {
    const std::size_t length = utf8_character_bytes(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  // A character has at most four bytes, so its first byte is at most three before the cut.
  while (end > 0 && bytes_max - end < 3 && (static_cast<std::uint8_t>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

std::string_view clean_utf8(std::string_view text, std::size_t bytes_max, std::string& room) {
  const std::string_view wanted = cut_utf8(text, bytes_max);
  if (is_utf8(wanted)) return wanted;
  room.clear();
  for (std::string_view rest = wanted; !rest.empty();) {
    const std::size_t length = utf8_character_bytes(rest);
    room.append(length == 0 ? std::string_view("\xef\xbf\xbd") : rest.substr(0, length));
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  return cut_utf8(room, bytes_max);
}

std::string one_line(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view Cut = "…";
  std::string room;
  std::string line(
      clean_utf8(text, text.size() > bytes_max ? bytes_max - Cut.size() : bytes_max, room));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = ' ';
  }
  if (text.size() > bytes_max) line.append(Cut);
  return line;
}

}  // namespace vdm
