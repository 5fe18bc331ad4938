#include "common/base/digest.h"

#include <algorithm>
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

std::string hex_prefix(const Sha256& digest, std::size_t digits) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(digits, digest.size() * 2); ++i) {
    const std::uint8_t byte = digest[i / 2];
    text.push_back(HexDigits[i % 2 == 0 ? byte >> 4 : byte & 0x0f]);
  }
  return text;
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
  text.reserve(bytes * 2);
  for (const unsigned char byte : random) {
    text.push_back(HexDigits[byte >> 4]);
    text.push_back(HexDigits[byte & 0x0f]);
  }
  return text;
}

}  // namespace vdm
