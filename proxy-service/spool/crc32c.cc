#include "proxy-service/spool/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#ifdef __x86_64__
#include <nmmintrin.h>
#endif

namespace vdm::proxy {
namespace {

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    table[byte] = crc;
  }
  return table;
}

std::uint32_t by_table(std::string_view bytes, std::uint32_t crc) {
  static constexpr auto Table = crc_table();
  for (const char c : bytes) crc = (crc >> 8) ^ Table[(crc ^ static_cast<std::uint8_t>(c)) & 0xff];
  return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::string_view bytes) {
  std::uint64_t crc = 0xffffffffu;
  const char* at = bytes.data();
  const auto word = [](const char* from) {
    std::uint64_t read = 0;
    std::memcpy(&read, from, sizeof read);
    return read;
  };
  for (std::size_t left = bytes.size() / 32; left > 0; --left, at += 32) {
    crc = _mm_crc32_u64(crc, word(at));
    crc = _mm_crc32_u64(crc, word(at + 8));
    crc = _mm_crc32_u64(crc, word(at + 16));
    crc = _mm_crc32_u64(crc, word(at + 24));
  }
  const char* const end = bytes.data() + bytes.size();
  for (; end - at >= 8; at += 8) crc = _mm_crc32_u64(crc, word(at));
  return by_table({at, end}, static_cast<std::uint32_t>(crc));
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2") != 0) return ~by_instruction(bytes);
#endif
  return ~by_table(bytes, 0xffffffffu);
}

}  // namespace vdm::proxy
