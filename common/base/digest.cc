#include "common/base/digest.h"

#include <cstdlib>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

namespace vdm {
namespace {

constexpr std::string_view HexDigits = "0123456789abcdef";

}  // namespace

Sha256 sha256(std::string_view bytes) {
  Sha256 digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

bool equal_in_constant_time(const Sha256& a, const Sha256& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void append_hex(std::span<const std::byte> bytes, std::string& text) {
  const std::size_t before = text.size();
  text.resize(before + 2 * bytes.size());
  char* to = text.data() + before;
  for (const std::byte each : bytes) {
    const auto byte = static_cast<std::uint8_t>(each);
    *to++ = HexDigits[byte >> 4];
    *to++ = HexDigits[byte & 0x0f];
  }
}

std::string hex_prefix(const Sha256& digest, std::size_t digits) {
  std::string text;
  append_hex(std::as_bytes(std::span(digest)), text);
  return text.substr(0, digits);
}

std::optional<Sha256> sha256_of_hex(std::string_view hex) {
  Sha256 digest{};
  if (hex.size() != digest.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const auto value = HexDigits.find(hex[i]);
    if (value == HexDigits.npos) return std::nullopt;
    digest[i / 2] = static_cast<std::uint8_t>(digest[i / 2] << 4 | value);
  }
  return digest;
}

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  // Without randomness the process can make neither unique ids nor session tokens, so it stops.
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) std::abort();
  std::string text;
  append_hex(std::as_bytes(std::span(random)), text);
  return text;
}

}  // namespace vdm
