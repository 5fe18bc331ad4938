#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vdm::cli {

struct Control {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  ///< 0: the character is an ordinary one
};

/// The character at `at` if a terminal would act on it rather than show it: C0, DEL, C1, line
/// separators, and characters that change the direction of text. Pure. Thread: any.
constexpr Control control_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const std::uint8_t lead = byte(at);
  if (lead < 0x20 || lead == 0x7f) return {lead, 1};
  if (lead == 0xc2 && byte(at + 1) >= 0x80 && byte(at + 1) < 0xa0) return {byte(at + 1), 2};
  if (lead == 0xd8 && byte(at + 1) == 0x9c) return {0x061c, 2};
  if (lead != 0xe2) return {};
  const std::uint8_t last = byte(at + 2);
  const bool marks = byte(at + 1) == 0x80 && (last == 0x8e || last == 0x8f);
  const bool lines_or_embeddings = byte(at + 1) == 0x80 && last >= 0xa8 && last <= 0xae;
  const bool isolates = byte(at + 1) == 0x81 && last >= 0xa6 && last <= 0xa9;
  if (!marks && !lines_or_embeddings && !isolates) return {};
  return {0x2000u + (byte(at + 1) == 0x81 ? 0x40u : 0u) + (last - 0x80u), 3};
}

/// A JSON text with such characters escaped; in JSON they occur only within strings. Pure.
std::string harmless_json(std::string_view json);

}  // namespace vdm::cli
