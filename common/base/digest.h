#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vdm {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

/// Whether `a` and `b` are equal. The time taken does not depend on where they differ.
bool equal_in_constant_time(const Sha256& a, const Sha256& b);

/// Appends the bytes in lower-case hexadecimal.
void append_hex(std::span<const std::byte> bytes, std::string& text);

/// Lower-case hexadecimal of the first `digits` half-bytes (at most 64).
std::string hex_prefix(const Sha256& digest, std::size_t digits);

/// The digest that hex_prefix() wrote with 64 digits; nothing for another text.
std::optional<Sha256> sha256_of_hex(std::string_view hex);

/// `bytes` random bytes from the system's generator, as lower-case hexadecimal.
std::string random_hex(std::size_t bytes);

/// 64-bit FNV-1a, the hash of the heartbeat's active set.
constexpr std::uint64_t fnv1a_64(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ull;
  return hash;
}

}  // namespace vdm
