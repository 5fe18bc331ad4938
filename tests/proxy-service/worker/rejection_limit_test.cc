#include "proxy-service/worker/rejection_limit.h"

#include <gtest/gtest.h>

namespace vdm::proxy::rejection_limit_test {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime Start{std::chrono::hours(1)};

IpAddress peer(unsigned char number) {
  IpAddress address;
  address.bytes[0] = number;
  return address;
}

TEST(RejectionLimit, LetsThroughSoManyASecondFromOneAddress) {
  RejectionLimit limit;
  for (std::size_t i = 0; i < RejectionLimit::PerPeer; ++i) {
    EXPECT_TRUE(limit.take(peer(1), Start)) << i;
  }

  EXPECT_FALSE(limit.take(peer(1), Start));
  EXPECT_FALSE(limit.take(peer(1), Start + 999ms));
  EXPECT_TRUE(limit.take(peer(2), Start + 999ms));
  EXPECT_TRUE(limit.take(peer(1), Start + 1s));
}

TEST(RejectionLimit, LetsThroughSoManyASecondFromAllTogether) {
  RejectionLimit limit;
  for (unsigned char i = 0; i < RejectionLimit::InAll; ++i) {
    EXPECT_TRUE(limit.take(peer(i), Start));
  }

  EXPECT_FALSE(limit.take(peer(200), Start + 500ms));
  EXPECT_TRUE(limit.take(peer(200), Start + 1500ms));
}

TEST(RejectionLimit, TakesAnIpv6NetworkForOneAddress) {
  RejectionLimit limit;
  std::size_t listed = 0;
  for (unsigned char i = 0; i < 2 * RejectionLimit::PerPeer; ++i) {
    IpAddress address = peer(0x20);
    address.bytes[15] = i;
    listed += limit.take(address, Start) ? 1 : 0;
  }

  EXPECT_EQ(listed, RejectionLimit::PerPeer);
}

TEST(RejectionLimit, CountsWhatItHoldsBack) {
  RejectionLimit limit;
  std::uint64_t listed = 0;
  for (int i = 0; i < 1000; ++i) listed += limit.take(peer(1), Start) ? 1 : 0;

  EXPECT_EQ(listed, RejectionLimit::PerPeer);
  EXPECT_EQ(limit.unlisted(), 1000 - RejectionLimit::PerPeer);
}

}  // namespace
}  // namespace vdm::proxy::rejection_limit_test
