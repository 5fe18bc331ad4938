#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace vdm {

/// Foreign text as it may be handed on: UTF-8, and no longer than its cap. Protobuf
/// refuses a whole message for one bad byte, and JSON's readers a whole text. Pure. Thread: any.

/// Bytes of the character at the front of `text`, which is not empty; 0 when it is not UTF-8.
std::size_t utf8_character_bytes(std::string_view text);

bool is_utf8(std::string_view text);

/// Nearly all text is. By words, in line: it is asked of every text that is sent.
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
  bits |= word_at(text.size() - sizeof bits);  // some of it a second time
  return (bits & HighBits) == 0;
}

/// At most `bytes_max` bytes of `text`, cut between characters.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

/// `text` itself when it is UTF-8 and fits; else a copy in `room`, cut, with
/// U+FFFD for what was not UTF-8.
std::string_view clean_utf8(std::string_view text, std::size_t bytes_max, std::string& room);

}  // namespace vdm
