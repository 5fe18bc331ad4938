#include "proxy-service/retry/circuit_breaker.h"

#include <random>
#include <utility>

#include <gtest/gtest.h>

namespace vdm::proxy::circuit_breaker_test {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;

constexpr MonotonicTime Start{std::chrono::hours(1)};

/// A breaker, the time, and calls that end at once. No time is left to chance.
struct Calls {
  CircuitBreaker breaker{CircuitBreaker::Options{}};
  MonotonicTime now = Start;

  void make(int count, CallResult result) {
    for (int i = 0; i < count; ++i) {
      if (const auto permit = breaker.admit(now)) breaker.record(*permit, result, now, 0);
    }
  }
  /// Streams that break off after their first token.
  void break_off(int count, MonotonicTime::duration after = 0s) {
    for (int i = 0; i < count; ++i) {
      const auto permit = breaker.admit(now);
      if (!permit) continue;
      const MonotonicTime succeeded_at = now;
      breaker.record(*permit, CallResult::Succeeded, now, 0);
      now += after;
      breaker.broke_off(*permit, succeeded_at, now, 0);
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
  calls.breaker.record(*one, CallResult::Succeeded, calls.now, 0);
  EXPECT_EQ(calls.state(), State::HalfOpen);
  calls.breaker.record(*two, CallResult::Succeeded, calls.now, 0);

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

  calls.breaker.record(*early, CallResult::Failed, calls.now, 0);

  EXPECT_EQ(calls.state(), State::HalfOpen);
}

TEST(CircuitBreaker, LeavesUpToHalfOfTheOpenTimeToChance) {
  for (const double chance : {0.0, 0.25, 0.999}) {
    Calls calls;
    calls.make(19, CallResult::Failed);
    const auto last = calls.breaker.admit(calls.now);
    calls.breaker.record(*last, CallResult::Failed, calls.now, chance);

    const auto expected = std::chrono::ceil<std::chrono::milliseconds>(10'000ms * (1 - chance / 2));
    EXPECT_EQ(calls.breaker.open_for(calls.now), expected);
    EXPECT_EQ(calls.breaker.state(calls.now + expected - 1ms), State::Open);
    EXPECT_EQ(calls.breaker.state(calls.now + expected), State::HalfOpen);
  }
}

/// How often the breaker closes in a day, asked four times a second, for a provider that is up for
/// the first twelve of every forty seconds. It opens in the 24th, when as many calls have failed as
/// went well, and its times of 10, 20, 40, 80 and 120 seconds then all end in the 34th or the 14th.
int times_found_up(double (*chance)(std::mt19937&)) {
  std::mt19937 random(3);
  CircuitBreaker breaker({});
  int closed = 0;
  State before = State::Closed;
  for (auto age = 0ms; age < 24h; age += 250ms) {
    const MonotonicTime now = Start + age;
    const bool up = age % 40s < 12s;
    if (const auto permit = breaker.admit(now)) {
      breaker.record(*permit, up ? CallResult::Succeeded : CallResult::Failed, now, chance(random));
    }
    const State state = breaker.state(now);
    if (state == State::Closed && before == State::HalfOpen) ++closed;
    before = state;
  }
  return closed;
}

TEST(CircuitBreaker, FindsAProviderUpThatFailsInStepWithIt) {
  const int in_step = times_found_up([](std::mt19937&) { return 0.0; });
  const int by_chance = times_found_up(
      [](std::mt19937& random) { return std::uniform_real_distribution<double>(0, 1)(random); });

  EXPECT_EQ(in_step, 0);
  EXPECT_GT(by_chance, 100);
}

TEST(CircuitBreaker, CountsAStreamThatBreaksOffAsOneFailedCall) {
  Calls calls;
  calls.make(10, CallResult::Succeeded);
  calls.break_off(9);
  ASSERT_EQ(calls.state(), State::Closed);

  calls.break_off(1);

  EXPECT_EQ(calls.state(), State::Open);
}

TEST(CircuitBreaker, CountsAStreamWhoseSuccessHasLeftTheWindow) {
  Calls calls;
  const auto permit = calls.breaker.admit(calls.now);
  calls.breaker.record(*permit, CallResult::Succeeded, calls.now, 0);
  const MonotonicTime succeeded_at = std::exchange(calls.now, calls.now + 10min);
  calls.make(19, CallResult::Failed);
  ASSERT_EQ(calls.state(), State::Closed);

  calls.breaker.broke_off(*permit, succeeded_at, calls.now, 0);

  EXPECT_EQ(calls.state(), State::Open);
}

TEST(CircuitBreaker, OpensLongerWhenAProbesStreamBreaksOff) {
  Calls calls;
  calls.make(20, CallResult::Failed);
  calls.now += 10s;

  calls.break_off(1);

  EXPECT_EQ(calls.state(), State::Open);
  EXPECT_EQ(calls.breaker.open_for(calls.now), 20s);
}

TEST(CircuitBreaker, CountsAProbesStreamThatBreaksOffOnceItIsClosed) {
  Calls calls;
  calls.make(20, CallResult::Failed);
  calls.now += 10s;
  const auto one = calls.breaker.admit(calls.now);
  const auto two = calls.breaker.admit(calls.now);
  calls.breaker.record(*one, CallResult::Succeeded, calls.now, 0);
  calls.breaker.record(*two, CallResult::Succeeded, calls.now, 0);
  calls.make(19, CallResult::Failed);
  ASSERT_EQ(calls.state(), State::Closed);

  calls.breaker.broke_off(*one, calls.now, calls.now, 0);

  EXPECT_EQ(calls.state(), State::Open);
}

TEST(CircuitBreaker, IsNotOpenedLongerByStreamsFromBefore) {
  Calls calls;
  const auto early = calls.breaker.admit(calls.now);
  calls.breaker.record(*early, CallResult::Succeeded, calls.now, 0);
  calls.make(20, CallResult::Failed);

  calls.breaker.broke_off(*early, calls.now, calls.now, 0);
  EXPECT_EQ(calls.breaker.open_for(calls.now), 10s);
  calls.now += 10s;
  ASSERT_TRUE(calls.breaker.admit(calls.now));
  calls.breaker.broke_off(*early, calls.now, calls.now, 0);

  EXPECT_EQ(calls.state(), State::HalfOpen);
}

TEST(CircuitBreaker, KeepsItsStateWithOtherOptions) {
  Calls calls;
  calls.make(20, CallResult::Failed);

  calls.breaker.configure({.open = 1s, .open_max = 15s});

  EXPECT_EQ(calls.breaker.open_for(calls.now), 10s);
  calls.now += 10s;
  calls.make(1, CallResult::Failed);
  EXPECT_EQ(calls.breaker.open_for(calls.now), 15s);
}

TEST(CircuitBreaker, NeverOpensAtZeroPercent) {
  Calls calls{.breaker = CircuitBreaker({.failure_percent = 0})};
  calls.make(1000, CallResult::Failed);

  EXPECT_EQ(calls.state(), State::Closed);
}

}  // namespace
}  // namespace vdm::proxy::circuit_breaker_test
