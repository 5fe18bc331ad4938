#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace vdm {

/// Makes text from outside fit to pass on: valid UTF-8, and no longer than its limit. For one bad
/// byte, protobuf refuses a whole message and a JSON reader the whole text. Pure. Thread: any.

/// The number of bytes of the first character of `text`; 0 when it is not UTF-8. `text` is not
/// empty.
std::size_t utf8_character_bytes(std::string_view text);

bool is_utf8(std::string_view text);

/// Whether `text` is ASCII, as nearly all text is. Inline and eight bytes at a time, because every
/// text that is sent passes through it.
inline bool is_ascii(std::string_view text) {
  constexpr std::uint64_t HighBits = 0x8080808080808080ull;
  const auto word_at = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word;
  };
  std::uint64_t bits = 0;
  if (text.size() < sizeof bits) {
    for (const char byte : text) bits |= static_cast<std::uint8_t>(byte);
    return (bits & HighBits) == 0;
  }
  for (std::size_t at = 0; at + sizeof bits < text.size(); at += sizeof bits) bits |= word_at(at);
  bits |= word_at(text.size() - sizeof bits);  // this word overlaps the one before it
  return (bits & HighBits) == 0;
}

/// The first `bytes_max` bytes of `text` at most, cut between two characters.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

/// Returns `text` itself when it is UTF-8 and fits. Else it writes a copy into `room`, cut, with
/// U+FFFD for what was not UTF-8, and returns that.
std::string_view clean_utf8(std::string_view text, std::size_t bytes_max, std::string& room);

/// For a message that quotes foreign text: UTF-8 on one line of at most `bytes_max` bytes, cut with
/// "…". Control characters become blanks.
std::string one_line(std::string_view text, std::size_t bytes_max);

}  // namespace vdm
