#include "proxy-service/retry/circuit_breaker.h"

#include <random>

#include <gtest/gtest.h>

namespace vdm::proxy {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;

constexpr MonotonicTime Start{std::chrono::hours(1)};

/// A breaker, the time, and calls that end at once.
struct Calls {
  CircuitBreaker breaker{CircuitBreaker::Options{}};
  MonotonicTime now = Start;

  void make(int count, CallResult result) {
    for (int i = 0; i < count; ++i) {
      if (const auto permit = breaker.admit(now)) breaker.record(*permit, result, now);
    }
  }
  State state() const { return breaker.state(now); }
};

TEST(CircuitBreaker, OpensWhenHalfOfEnoughCallsFail) {
  Calls calls;
  calls.make(10, CallResult::Succeeded);
  calls.make(9, CallResult::Failed);
  ASSERT_EQ(calls.state(), State::Closed);

  calls.make(1, CallResult::Failed);

  EXPECT_EQ(calls.state(), State::Open);
  EXPECT_FALSE(calls.breaker.admit(calls.now));
  EXPECT_EQ(calls.breaker.open_for(calls.now + 4s), 6s);
}

TEST(CircuitBreaker, JudgesNothingByAFewCalls) {
  Calls calls;
  calls.make(19, CallResult::Failed);

  EXPECT_EQ(calls.state(), State::Closed);
}

TEST(CircuitBreaker, ForgetsWhatHasLeftTheWindow) {
  Calls calls;
  calls.make(19, CallResult::Failed);
  calls.now += 31s;
  calls.make(19, CallResult::Failed);

  EXPECT_EQ(calls.state(), State::Closed);
}

TEST(CircuitBreaker, CountsOverAWindowThatSlides) {
  Calls calls;
  for (int i = 0; i < 20; ++i) {
    calls.make(1, CallResult::Failed);
    calls.now += 1s;
  }

  EXPECT_EQ(calls.state(), State::Open);
}

TEST(CircuitBreaker, NeverOpensForClientsThatLeave) {
  std::mt19937 random(5);
  Calls calls;
  for (int i = 0; i < 100'000; ++i) {
    calls.now += std::chrono::milliseconds(random() % 100);
    calls.make(1, random() % 50 == 0 ? CallResult::Succeeded : CallResult::Neither);
    ASSERT_EQ(calls.state(), State::Closed);
  }
}

TEST(CircuitBreaker, NeverOpensForWhatTheClientGotWrong) {
  Calls calls;
  for (int i = 0; i < 100; ++i) {
    for (const int status : {400, 401, 403, 404, 413, 422, 429}) {
      calls.make(1, result_of(status));
    }
  }

  EXPECT_EQ(calls.state(), State::Closed);
}

TEST(CircuitBreaker, TakesEveryServerErrorForAFailure) {
  for (const int status : {500, 502, 503, 504, 529}) {
    EXPECT_EQ(result_of(status), CallResult::Failed) << status;
  }
  EXPECT_EQ(result_of(200), CallResult::Succeeded);
}

TEST(CircuitBreaker, LetsAFewProbesThroughAndClosesWhenTheySucceed) {
  Calls calls;
  calls.make(20, CallResult::Failed);
  calls.now += 10s;
  ASSERT_EQ(calls.state(), State::HalfOpen);

  const auto one = calls.breaker.admit(calls.now);
  const auto two = calls.breaker.admit(calls.now);
  ASSERT_TRUE(one && two);
  EXPECT_FALSE(calls.breaker.admit(calls.now));
  calls.breaker.record(*one, CallResult::Succeeded, calls.now);
  EXPECT_EQ(calls.state(), State::HalfOpen);
  calls.breaker.record(*two, CallResult::Succeeded, calls.now);

  EXPECT_EQ(calls.state(), State::Closed);
}

TEST(CircuitBreaker, StaysOpenTwiceAsLongEachTimeAProbeFails) {
  Calls calls;
  calls.make(20, CallResult::Failed);
  for (const auto open : {10s, 20s, 40s, 80s, 120s, 120s}) {
    EXPECT_EQ(calls.breaker.open_for(calls.now), open);
    calls.now += open;
    calls.make(1, CallResult::Failed);
  }
}

TEST(CircuitBreaker, OpensForTheFirstTimeAgainOnceItWasClosed) {
  Calls calls;
  calls.make(20, CallResult::Failed);
  calls.now += 10s;
  calls.make(1, CallResult::Failed);
  calls.now += 20s;
  calls.make(2, CallResult::Succeeded);
  ASSERT_EQ(calls.state(), State::Closed);

  calls.make(20, CallResult::Failed);

  EXPECT_EQ(calls.breaker.open_for(calls.now), 10s);
}

TEST(CircuitBreaker, GivesAProbeThatSaidNothingToAnother) {
  Calls calls;
  calls.make(20, CallResult::Failed);
  calls.now += 10s;

  calls.make(50, CallResult::Neither);

  EXPECT_EQ(calls.state(), State::HalfOpen);
  EXPECT_TRUE(calls.breaker.admit(calls.now));
}

TEST(CircuitBreaker, DoesNotWaitForEverForProbesThatAreLost) {
  Calls calls;
  calls.make(20, CallResult::Failed);
  calls.now += 10s;
  ASSERT_TRUE(calls.breaker.admit(calls.now));
  ASSERT_TRUE(calls.breaker.admit(calls.now));

  calls.now += 119s;
  EXPECT_FALSE(calls.breaker.admit(calls.now));
  calls.now += 1s;

  EXPECT_TRUE(calls.breaker.admit(calls.now));
}

TEST(CircuitBreaker, DoesNotCountAResultThatComesAfterTheTurn) {
  Calls calls;
  const auto early = calls.breaker.admit(calls.now);
  calls.make(20, CallResult::Failed);
  calls.now += 10s;
  ASSERT_TRUE(calls.breaker.admit(calls.now));

  calls.breaker.record(*early, CallResult::Failed, calls.now);

  EXPECT_EQ(calls.state(), State::HalfOpen);
}

TEST(CircuitBreaker, NeverOpensAtZeroPercent) {
  Calls calls{.breaker = CircuitBreaker({.failure_percent = 0})};
  calls.make(1000, CallResult::Failed);

  EXPECT_EQ(calls.state(), State::Closed);
}

}  // namespace
}  // namespace vdm::proxy
