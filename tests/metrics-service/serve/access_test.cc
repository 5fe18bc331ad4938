#include "metrics-service/serve/access.h"

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.h"

namespace vdm::metrics {
namespace {

using namespace std::chrono_literals;

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
  Access access_{AccessOptions{.key = Secret("k"),
                               .allowed_hosts = {},
                               .allowed_origins = {},
                               .secure_cookie = false,
                               .session_life = std::chrono::hours(12),
                               .sessions_max = 3,
                               .login_failures_max = 2},
                 clock_};
};

TEST_F(AccessTest, EndsASessionWhenItsTimeIsOver) {
  const auto session = with_cookie(*access_.log_in("k"));
  clock_.advance(12h - 1ms);
  EXPECT_TRUE(access_.authenticated(session));

  clock_.advance(1ms);

  EXPECT_FALSE(access_.authenticated(session));
}

TEST_F(AccessTest, LogsTheOldestOutWhenThereAreTooMany) {
  const auto oldest = with_cookie(*access_.log_in("k"));
  clock_.advance(1s);
  const auto second = with_cookie(*access_.log_in("k"));
  for (int i = 0; i < 2; ++i) {
    clock_.advance(1s);
    access_.log_in("k");
  }

  EXPECT_EQ(access_.sessions(), 3u);
  EXPECT_FALSE(access_.authenticated(oldest));
  EXPECT_TRUE(access_.authenticated(second));
}

TEST_F(AccessTest, GivesEachLoginATokenOfItsOwn) {
  EXPECT_NE(*access_.log_in("k"), *access_.log_in("k"));
  EXPECT_FALSE(access_.authenticated(with_cookie("vdm_session=guess")));
  EXPECT_FALSE(access_.authenticated(with_cookie("vdm_session=")));
  EXPECT_FALSE(access_.authenticated(with_cookie("vdm_sessionx=1")));
}

TEST_F(AccessTest, SlowsGuessingDownForAMinute) {
  EXPECT_FALSE(access_.log_in("a"));
  EXPECT_FALSE(access_.too_many_failures());
  EXPECT_FALSE(access_.log_in("b"));
  EXPECT_TRUE(access_.too_many_failures());

  clock_.advance(61s);

  EXPECT_FALSE(access_.too_many_failures());
}

TEST(Access, MakesTheCookieSecureBehindHttps) {
  ManualClock clock;
  Access access({.key = Secret("k"), .secure_cookie = true}, clock);

  EXPECT_NE(access.log_in("k")->find("; Secure"), std::string::npos);
}

TEST(Access, PrefersTheKeyHeaderAndIgnoresAnEmptyOne) {
  http::Request request;
  request.headers = {{"X-Api-Key", ""}, {"authorization", "Bearer b"}};
  EXPECT_EQ(key_of(request), "b");
  request.headers[0].value = "a";
  EXPECT_EQ(key_of(request), "a");
}

}  // namespace
}  // namespace vdm::metrics
