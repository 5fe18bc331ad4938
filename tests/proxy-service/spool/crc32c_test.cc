#include "proxy-service/spool/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace vdm::proxy::crc32c_test {
namespace {

TEST(Crc32c, IsTheOneOfRfc3720) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Crc32c, ChangesWithEveryBit) {
  const std::string bytes = "a record of forty-one bytes, or so it says";
  const std::uint32_t whole = crc32c(bytes);

  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(crc32c(changed), whole) << bit;
  }
}

}  // namespace
}  // namespace vdm::proxy::crc32c_test
