#include "common/access/key_throttle.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace vdm::key_throttle_test {
namespace {

using namespace std::chrono_literals;
using Key = KeyThrottle::Key;

constexpr std::string_view Guesser = "192.0.2.1";
constexpr std::string_view Other = "192.0.2.2";

class KeyThrottleTest : public ::testing::Test {
 protected:
  std::optional<std::chrono::seconds> note(std::string_view from, Key key) {
    return throttle_.note(*parse_ip_address(from), key, now_);
  }
  /// How many of so many wrong keys were counted.
  int guesses(std::string_view from, int times) {
    int counted = 0;
    for (int i = 0; i < times; ++i) counted += note(from, Key::Wrong) ? 0 : 1;
    return counted;
  }
  bool lets_in(std::string_view from) { return !note(from, Key::Right); }

  MonotonicTime now_{24h};
  KeyThrottle throttle_{{.wrong_max = 10, .wrong_of_known_max = 100, .addresses_max = 3}};
};

TEST_F(KeyThrottleTest, RefusesEveryKeyFromWhereTenWereWrong) {
  EXPECT_EQ(guesses(Guesser, 100), 10);

  EXPECT_EQ(note(Guesser, Key::Right), 60s) << "else guessing would go on";
  EXPECT_TRUE(lets_in(Other)) << "nobody else notices";
  EXPECT_TRUE(lets_in("2001:db8::1"));
}

TEST_F(KeyThrottleTest, SaysHowLongItLasts) {
  guesses(Guesser, 10);
  now_ += 20s;
  EXPECT_EQ(note(Guesser, Key::Wrong), 40s);
  EXPECT_EQ(throttle_.wait(*parse_ip_address(Guesser), now_), 40s);
  now_ += 39'500ms;
  EXPECT_EQ(note(Guesser, Key::Right), 1s);
  now_ += 500ms;

  EXPECT_TRUE(lets_in(Guesser));
}

TEST_F(KeyThrottleTest, CountsByTheMinute) {
  for (int minute = 0; minute < 5; ++minute) {
    EXPECT_EQ(guesses(Guesser, 50), 10) << minute;
    now_ += 60s;
  }
}

TEST_F(KeyThrottleTest, LocksNobodyOutBehindAnAddressThatShowedTheRightKey) {
  EXPECT_TRUE(lets_in(Guesser));

  for (int i = 0; i < 90; ++i) {
    note(Guesser, Key::Wrong);
    EXPECT_TRUE(lets_in(Guesser)) << i;
  }

  EXPECT_EQ(guesses(Guesser, 1000), 10) << "that has an end, too";
  EXPECT_FALSE(lets_in(Guesser));
}

TEST_F(KeyThrottleTest, KnowsAnAddressForAnHour) {
  EXPECT_TRUE(lets_in(Guesser));
  now_ += 59min;
  EXPECT_EQ(guesses(Guesser, 11), 11);
  EXPECT_TRUE(lets_in(Guesser));
  now_ += 60min;
  EXPECT_EQ(guesses(Guesser, 11), 10);
  EXPECT_FALSE(lets_in(Guesser));
}

TEST_F(KeyThrottleTest, TakesAnIpv6NetworkForOneAddress) {
  for (int i = 0; i < 10; ++i) note("2001:db8:0:1::" + std::to_string(i + 1), Key::Wrong);

  EXPECT_FALSE(lets_in("2001:db8:0:1:ffff::1"));
  EXPECT_TRUE(lets_in("2001:db8:0:2::1")) << "the next network";
}

TEST_F(KeyThrottleTest, ForgetsTheAddressThatErredLongestAgo) {
  guesses("192.0.2.1", 10);
  guesses("192.0.2.2", 10);
  guesses("192.0.2.3", 9);
  now_ += 10s;
  guesses("192.0.2.3", 1);

  guesses("192.0.2.4", 10);

  EXPECT_EQ(throttle_.addresses(), 3u);
  EXPECT_TRUE(lets_in("192.0.2.1"));
  for (const char* each : {"192.0.2.2", "192.0.2.3", "192.0.2.4"}) EXPECT_FALSE(lets_in(each));
}

TEST_F(KeyThrottleTest, KeepsThoseKnownWhateverComesFromElsewhere) {
  lets_in(Guesser);
  for (int i = 1; i < 200; ++i) note("198.51.100." + std::to_string(i), Key::Wrong);

  EXPECT_EQ(guesses(Guesser, 50), 50);
  EXPECT_TRUE(lets_in(Guesser));
}

}  // namespace
}  // namespace vdm::key_throttle_test
