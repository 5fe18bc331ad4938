#include "common/base/digest.h"

#include <gtest/gtest.h>

#include <array>

namespace vdm::digest_test {
namespace {

TEST(Hex, AppendsTwoDigitsForEachByte) {
  constexpr std::array<std::uint8_t, 4> Bytes{0x00, 0x0f, 0xa0, 0xff};
  std::string text = "id_";

  append_hex(std::as_bytes(std::span(Bytes)), text);
  append_hex({}, text);

  EXPECT_EQ(text, "id_000fa0ff");
}

TEST(Hex, OfADigestIsReadBack) {
  const Sha256 digest = sha256("abc");

  EXPECT_EQ(hex_prefix(digest, 7), "ba7816b");
  EXPECT_EQ(sha256_of_hex(hex_prefix(digest, 64)), digest);
  EXPECT_EQ(sha256_of_hex(hex_prefix(digest, 63)), std::nullopt);
}

}  // namespace
}  // namespace vdm::digest_test
