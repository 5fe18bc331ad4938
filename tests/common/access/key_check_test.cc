#include "common/access/key_check.h"

#include <gtest/gtest.h>

#include "tests/common/access/one_key.h"
#include "tests/fakes/manual_clock.h"

namespace vdm::key_check_test {
namespace {

const IpAddress Here = *parse_ip_address("192.0.2.1");

class KeyCheckTest : public ::testing::Test {
 protected:
  ManualClock clock_;
  KeyCheck keys_{{.keys = AccessKeys(key_of_each_role()), .throttle = {.wrong_max = 2}}, clock_};
};

TEST_F(KeyCheckTest, NamesNoKeyFromWhereTooManyWereWrong) {
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(keys_.check("guess", Here).wait);

  const KeyResult seen = keys_.peek("admin", Here);

  EXPECT_FALSE(seen.admitted);
  EXPECT_TRUE(seen.wait);
  EXPECT_EQ(seen.key, nullptr) << "an open path would tell that the guess was right";
}

TEST_F(KeyCheckTest, TakesAnExpiredKeyForNoGuess) {
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(keys_.check(ExpiredKey, Here).admitted);

  EXPECT_EQ(keys_.check(ExpiredKey, Here).key->name, "old");
  EXPECT_TRUE(keys_.check("admin", Here).admitted) << "nobody is locked out";
  EXPECT_EQ(keys_.peek("admin", Here).key->role, Role::Admin);
}

}  // namespace
}  // namespace vdm::key_check_test
