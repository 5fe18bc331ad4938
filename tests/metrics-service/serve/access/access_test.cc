#include "metrics-service/serve/access/access.h"

#include <gtest/gtest.h>

#include "tests/common/access/one_key.h"
#include "tests/fakes/manual_clock.h"

namespace vdm::metrics::access_test {
namespace {

using namespace std::chrono_literals;

http::Request from(std::string_view address) {
  http::Request request;
  request.peer = *parse_ip_address(address);
  return request;
}

const http::Request Here = from("192.0.2.1");

http::Request with_cookie(const std::string& set_cookie) {
  http::Request request;
  request.method = "GET";
  request.path = "/metrics";
  request.headers.push_back({"Cookie", set_cookie.substr(0, set_cookie.find(';'))});
  return request;
}

class AccessTest : public ::testing::Test {
 protected:
  ManualClock clock_;
  KeyCheck keys_{{.keys = one_key("k"), .throttle = {.wrong_max = 2}}, clock_};
  Access access_{AccessOptions{.allowed_hosts = {},
                               .allowed_origins = {},
                               .secure_cookie = false,
                               .session_life = std::chrono::hours(12),
                               .sessions_max = 3},
                 keys_, clock_};
};

TEST_F(AccessTest, EndsASessionWhenItsTimeIsOver) {
  const auto session = with_cookie(*access_.log_in("k", Here).cookie);
  clock_.advance(12h - 1ms);
  EXPECT_TRUE(access_.authenticated(session));

  clock_.advance(1ms);

  EXPECT_FALSE(access_.authenticated(session));
}

TEST_F(AccessTest, EndsASessionWithTheKeyThatItCameBy) {
  AccessKey key = access_key("ops", Secret("o"), Role::Operator);
  key.expires = clock_.wall() + 1h;
  KeyCheck keys({.keys = AccessKeys({key})}, clock_);
  Access access({}, keys, clock_);
  const auto session = with_cookie(*access.log_in("o", Here).cookie);
  EXPECT_TRUE(access.authenticated(session));

  clock_.advance(1h);

  EXPECT_FALSE(access.authenticated(session));
  EXPECT_FALSE(access.log_in("o", Here).cookie);
}

TEST_F(AccessTest, LogsTheOldestOutWhenThereAreTooMany) {
  const auto oldest = with_cookie(*access_.log_in("k", Here).cookie);
  clock_.advance(1s);
  const auto second = with_cookie(*access_.log_in("k", Here).cookie);
  for (int i = 0; i < 2; ++i) {
    clock_.advance(1s);
    access_.log_in("k", Here);
  }

  EXPECT_EQ(access_.sessions(), 3u);
  EXPECT_FALSE(access_.authenticated(oldest));
  EXPECT_TRUE(access_.authenticated(second));
}

TEST_F(AccessTest, GivesEachLoginATokenOfItsOwn) {
  EXPECT_NE(*access_.log_in("k", Here).cookie, *access_.log_in("k", Here).cookie);
  EXPECT_FALSE(access_.authenticated(with_cookie("vdm_session=guess")));
  EXPECT_FALSE(access_.authenticated(with_cookie("vdm_session=")));
  EXPECT_FALSE(access_.authenticated(with_cookie("vdm_sessionx=1")));
}

TEST_F(AccessTest, SlowsGuessingDownForAMinute) {
  for (const char* guess : {"a", "b"}) EXPECT_FALSE(access_.log_in(guess, Here).wait) << guess;
  EXPECT_EQ(access_.log_in("c", Here).wait, 60s);
  EXPECT_EQ(access_.log_in("k", Here).wait, 60s);
  EXPECT_TRUE(access_.log_in("k", from("192.0.2.2")).cookie) << "another address may still try";

  clock_.advance(61s);

  EXPECT_TRUE(access_.log_in("k", Here).cookie);
}

TEST(Access, MakesTheCookieSecureBehindHttps) {
  ManualClock clock;
  KeyCheck keys({.keys = one_key("k")}, clock);
  Access access({.secure_cookie = true}, keys, clock);

  EXPECT_NE(access.log_in("k", Here).cookie->find("; Secure"), std::string::npos);
}

TEST(Access, PrefersTheKeyHeaderAndIgnoresAnEmptyOne) {
  http::Request request;
  request.headers = {{"X-Api-Key", ""}, {"authorization", "Bearer b"}};
  EXPECT_EQ(key_of(request), "b");
  request.headers[0].value = "a";
  EXPECT_EQ(key_of(request), "a");
}

}  // namespace
}  // namespace vdm::metrics::access_test
