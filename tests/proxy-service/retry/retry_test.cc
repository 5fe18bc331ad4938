#include "proxy-service/retry/retry.h"

#include <ostream>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace vdm::proxy::retry_test {

// How a test shows a step that is not the expected one.
void PrintTo(NextStep step, std::ostream* out) {
  constexpr const char* Names[] = {"GiveUp", "SameKey", "NextKey", "NextTarget"};
  *out << Names[static_cast<std::size_t>(step)];
}

namespace {

using namespace std::chrono_literals;

constexpr RetryState AllIsPossible{.has_next_key = true, .has_next_target = true};
constexpr RetryState OnlyTheSameKey{};
constexpr RetryState OnlyAnotherTarget{.has_next_target = true};

RetryBudget full() { return RetryBudget(10, 10); }
RetryBudget spent() { return RetryBudget(10, 0); }

NextStep step(AttemptFailure failed, RetryState state, RetryBudget budget = full()) {
  return next_step({}, failed, state, budget, 0.5).step;
}

NextStep step_after(int status, RetryState state, RetryBudget budget = full()) {
  return step({.status = status}, state, std::move(budget));
}

TEST(NextStep, TriesAnotherWayForWhatIsAboutTheMoment) {
  for (const int status : {429, 503, 529}) {
    EXPECT_EQ(step_after(status, AllIsPossible), NextStep::NextKey) << status;
    EXPECT_EQ(step_after(status, OnlyAnotherTarget), NextStep::NextTarget) << status;
    EXPECT_EQ(step_after(status, OnlyTheSameKey), NextStep::SameKey) << status;
  }
}

TEST(NextStep, TriesTheSameKeyTwiceWhenTheProviderBroke) {
  for (const int status : {500, 502, 504}) {
    for (const std::uint32_t retries : {0, 1}) {
      EXPECT_EQ(step_after(status, {.retries = retries, .has_next_key = true}), NextStep::SameKey);
    }
    EXPECT_EQ(step_after(status, {.retries = 2, .has_next_key = true}), NextStep::GiveUp);
    EXPECT_EQ(step_after(status, {.retries = 2, .has_next_target = true}), NextStep::NextTarget);
  }
}

TEST(NextStep, NeverRepeatsWhatTheClientGotWrong) {
  for (const int status : {400, 404, 405, 413, 415, 422, 451}) {
    EXPECT_EQ(step_after(status, AllIsPossible), NextStep::GiveUp) << status;
  }
}

TEST(NextStep, TakesAnotherKeyForARefusedOneAndNothingElse) {
  for (const int status : {401, 403}) {
    EXPECT_EQ(step_after(status, AllIsPossible), NextStep::NextKey) << status;
    EXPECT_EQ(step_after(status, OnlyAnotherTarget), NextStep::GiveUp) << status;
    EXPECT_EQ(step_after(status, OnlyTheSameKey), NextStep::GiveUp) << status;
  }
}

TEST(NextStep, RetriesOrFallsBackWithoutAConnection) {
  for (const AttemptFailure::Kind kind :
       {AttemptFailure::Kind::NoConnection, AttemptFailure::Kind::ConnectTimeout,
        AttemptFailure::Kind::Reset}) {
    EXPECT_EQ(step({.kind = kind}, AllIsPossible), NextStep::SameKey);
    EXPECT_EQ(step({.kind = kind}, {.retries = 2, .has_next_target = true}), NextStep::NextTarget);
    EXPECT_EQ(step({.kind = kind}, {.retries = 2}), NextStep::GiveUp);
  }
}

TEST(NextStep, AsksASilentProviderOnlyOnce) {
  for (const AttemptFailure::Kind kind :
       {AttemptFailure::Kind::FirstByteTimeout, AttemptFailure::Kind::FirstTokenTimeout,
        AttemptFailure::Kind::Untrusted, AttemptFailure::Kind::BreakerOpen}) {
    EXPECT_EQ(step({.kind = kind}, OnlyTheSameKey), NextStep::GiveUp);
    EXPECT_EQ(step({.kind = kind}, AllIsPossible), NextStep::NextTarget);
  }
}

TEST(NextStep, TakesAnEmptyStreamForABrokenProvider) {
  EXPECT_EQ(step({.kind = AttemptFailure::Kind::EmptyStream}, OnlyTheSameKey), NextStep::SameKey);
}

TEST(NextStep, StopsWhenSomebodyEndedTheRequest) {
  EXPECT_EQ(step({.kind = AttemptFailure::Kind::Interrupted}, AllIsPossible), NextStep::GiveUp);
}

TEST(NextStep, NeverTriesAgainOnceTheClientHasBeenSentSomething) {
  RetryState state = AllIsPossible;
  state.body_started = true;

  for (const int status : {401, 429, 500, 503}) {
    EXPECT_EQ(step_after(status, state), NextStep::GiveUp) << status;
  }
  EXPECT_EQ(step({.kind = AttemptFailure::Kind::Reset}, state), NextStep::GiveUp);
}

TEST(NextStep, SendsWhatCannotBeRepeatedAgainOnlyWhileNoProviderHasGotAnyOfIt) {
  RetryState state = OnlyAnotherTarget;
  state.repeatable = false;

  for (const AttemptFailure::Kind kind :
       {AttemptFailure::Kind::Untrusted, AttemptFailure::Kind::BreakerOpen}) {
    EXPECT_EQ(step({.kind = kind}, state), NextStep::NextTarget);
  }
  for (const AttemptFailure::Kind kind :
       {AttemptFailure::Kind::NoConnection, AttemptFailure::Kind::ConnectTimeout}) {
    EXPECT_EQ(step({.kind = kind}, state), NextStep::SameKey);
  }
  for (const AttemptFailure::Kind kind :
       {AttemptFailure::Kind::Reset, AttemptFailure::Kind::FirstByteTimeout,
        AttemptFailure::Kind::EmptyStream}) {
    EXPECT_EQ(step({.kind = kind}, state), NextStep::GiveUp);
  }
  EXPECT_EQ(step_after(429, state), NextStep::GiveUp);
}

TEST(NextStep, AsksTheOtherKeysForWhatOneHasNotStoredWithoutBudget) {
  RetryState state{.reads_stored = true, .has_next_key = true, .has_next_target = true};

  EXPECT_EQ(step_after(404, state, spent()), NextStep::NextKey);
  EXPECT_EQ(step_after(400, state), NextStep::GiveUp);

  state.has_next_key = false;
  EXPECT_EQ(step_after(404, state), NextStep::GiveUp) << "no other target has stored it";
}

TEST(NextStep, SendsNothingToTheSameProviderWithoutBudget) {
  EXPECT_EQ(step_after(500, OnlyTheSameKey, spent()), NextStep::GiveUp);
  EXPECT_EQ(step_after(500, OnlyAnotherTarget, spent()), NextStep::NextTarget);
  EXPECT_EQ(step_after(503, {.has_next_key = true}, spent()), NextStep::GiveUp);
  EXPECT_EQ(step_after(429, {.has_next_key = true}, spent()), NextStep::NextKey);
}

TEST(NextStep, WaitsAsLongAsTheProviderSaid) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> chance(0, 1);
  for (int i = 0; i < 1000; ++i) {
    RetryBudget budget = full();
    const AttemptFailure failed{.status = 429, .retry_after = 2400ms};

    const Retry retry = next_step({}, failed, OnlyTheSameKey, budget, chance(random));

    ASSERT_EQ(retry.step, NextStep::SameKey);
    EXPECT_GE(retry.after, 2400ms);
    EXPECT_LE(retry.after, 2650ms);
  }
}

TEST(NextStep, DoesNotWaitLongerThanTheLimit) {
  const AttemptFailure failed{.status = 503, .retry_after = 21s};

  EXPECT_EQ(step(failed, OnlyTheSameKey), NextStep::GiveUp);
  EXPECT_EQ(step(failed, OnlyAnotherTarget), NextStep::NextTarget);
}

TEST(NextStep, DoesNotWaitOnceTheRequestHasTakenLong) {
  EXPECT_EQ(step_after(500, {.elapsed = 61s}), NextStep::GiveUp);
  EXPECT_EQ(step_after(500, {.elapsed = 61s, .has_next_target = true}), NextStep::NextTarget);
}

TEST(NextStep, TakesNothingFromTheBudgetForAWaitThatIsTooLong) {
  RetryBudget budget(10, 1);

  next_step({}, {.status = 503, .retry_after = 1h}, OnlyTheSameKey, budget, 0);

  EXPECT_TRUE(budget.has_retry());
}

TEST(NextStep, EndsAfterSoManyAttemptsOfAnyKind) {
  RetryState state = AllIsPossible;
  state.attempts = 8;

  EXPECT_EQ(step_after(401, state), NextStep::GiveUp);
}

TEST(NextStep, WaitsAnywhereBetweenNothingAndADoublingCeiling) {
  const auto wait = [](std::uint32_t retries, double chance) {
    RetryBudget budget = full();
    const RetryLimits limits{.retries_max = 100};
    return next_step(limits, {.status = 500}, {.retries = retries}, budget, chance).after;
  };

  EXPECT_EQ(wait(0, 0.0), 0ms);
  EXPECT_EQ(wait(0, 0.5), 125ms);
  EXPECT_EQ(wait(1, 0.5), 250ms);
  EXPECT_EQ(wait(3, 0.5), 1000ms);
  EXPECT_EQ(wait(4, 0.5), 2000ms);
  EXPECT_EQ(wait(99, 0.5), 2000ms) << "four seconds at most";
}

TEST(LimitsOf, LetsAProfileWinOverItsProvider) {
  Provider provider;
  provider.retries_max = 4;

  EXPECT_EQ(limits_of({}, provider, {}).retries_max, 4u);
  EXPECT_EQ(limits_of({}, provider, {.retries_max = 0}).retries_max, 0u);
}

TEST(ParseRetryAfter, ReadsSecondsAndDates) {
  using std::chrono::sys_days;
  const SystemTime now = sys_days(std::chrono::year(2015) / 10 / 21) + 7h + 28min;

  EXPECT_EQ(parse_retry_after("120", now), 120s);
  EXPECT_EQ(parse_retry_after("0", now), 0s);
  EXPECT_EQ(parse_retry_after("2.5", now), 2500ms);
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2015 07:28:30 GMT", now), 30s);
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2015 07:27:00 GMT", now), 0s);
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2015 07:28:01 GMT", now), 1s);
}

TEST(ParseRetryAfter, IsNeverMoreThanADay) {
  EXPECT_EQ(parse_retry_after("99999999999999999999999999", {}), 24h);
  EXPECT_EQ(parse_retry_after("Fri, 01 Jan 9999 00:00:00 GMT", {}), 24h);
}

TEST(ParseRetryAfter, TakesNothingElseForAnAnswer) {
  for (const char* text :
       {"", " ", "-1", "1s", "soon", "nan", "inf", "1e3", "Wed, 21 Xxx 2015 07:28:00 GMT",
        "Wed, 32 Oct 2015 07:28:00 GMT", "Wed, 21 ctN 2015 07:28:00 GMT",
        "Wed, 21 Oct 2015 27:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT"}) {
    EXPECT_FALSE(parse_retry_after(text, {})) << text;
  }
}

}  // namespace
}  // namespace vdm::proxy::retry_test
