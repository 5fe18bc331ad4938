#include "metrics-service/serve/access/login_throttle.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/fakes/manual_clock.h"

namespace vdm::metrics::login_throttle_test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t AddressesMax = 3;

class LoginThrottleTest : public ::testing::Test {
 protected:
  void fail(const std::string& peer, int times) {
    for (int i = 0; i < times; ++i) failures_.add(peer);
  }

  ManualClock clock_;
  LoginThrottle failures_{{.failures_max = 2, .addresses_max = AddressesMax}, clock_};
};

TEST_F(LoginThrottleTest, LocksOutNobodyButTheAddressThatFailed) {
  fail("192.0.2.1:1000", 100);

  EXPECT_TRUE(failures_.too_many("192.0.2.1:2000")) << "from any port";
  EXPECT_FALSE(failures_.too_many("192.0.2.2:1000"));
  EXPECT_FALSE(failures_.too_many("[2001:db8::1]:1000"));
}

TEST_F(LoginThrottleTest, CountsANetworkOf64BitsAsOneAddress) {
  fail("[2001:db8:0:1::1]:1000", 1);
  fail("2001:db8:0:1:ffff:ffff:ffff:ffff:1000", 1);

  EXPECT_TRUE(failures_.too_many("[2001:db8:0:1::2]:1000"));
  EXPECT_FALSE(failures_.too_many("[2001:db8:0:2::2]:1000")) << "the next network";
}

TEST_F(LoginThrottleTest, KnowsAnIPv4AddressThatComesByIPv6) {
  fail("192.0.2.1:1000", 2);

  EXPECT_TRUE(failures_.too_many("[::ffff:192.0.2.1]:1000"));
  EXPECT_FALSE(failures_.too_many("[::ffff:192.0.2.2]:1000")) << "its network is not one guesser's";
}

TEST_F(LoginThrottleTest, ForgetsAFailureAfterAMinute) {
  fail("192.0.2.1:1", 1);
  clock_.advance(59s);
  fail("192.0.2.1:1", 1);
  EXPECT_TRUE(failures_.too_many("192.0.2.1:1"));

  clock_.advance(1s);

  EXPECT_FALSE(failures_.too_many("192.0.2.1:1"));
}

TEST_F(LoginThrottleTest, CountsNewAddressesTogetherOnceItTellsNoMoreApart) {
  for (const char* peer : {"192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1"}) fail(peer, 1);
  fail("198.51.100.1:1", 1);
  fail("198.51.100.2:1", 1);

  EXPECT_EQ(failures_.addresses(), AddressesMax);
  EXPECT_TRUE(failures_.too_many("198.51.100.3:1")) << "they share one count";
  EXPECT_FALSE(failures_.too_many("192.0.2.1:1")) << "who was told apart has a count of its own";
}

TEST_F(LoginThrottleTest, TellsNewAddressesApartAgainWhenOldFailuresAreForgotten) {
  for (const char* peer : {"192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1"}) fail(peer, 1);
  fail("198.51.100.1:1", 2);
  clock_.advance(61s);

  fail("198.51.100.1:1", 2);

  EXPECT_EQ(failures_.addresses(), 1u);
  EXPECT_TRUE(failures_.too_many("198.51.100.1:1"));
  EXPECT_FALSE(failures_.too_many("198.51.100.2:1"));
}

TEST_F(LoginThrottleTest, CountsThoseWithoutAnAddressTogether) {
  fail("", 1);
  fail("nonsense", 1);

  EXPECT_TRUE(failures_.too_many(""));
  EXPECT_FALSE(failures_.too_many("[::1]:1"));
}

}  // namespace
}  // namespace vdm::metrics::login_throttle_test
