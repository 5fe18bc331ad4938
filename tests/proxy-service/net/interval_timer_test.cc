#include "proxy-service/net/interval_timer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace vdm::proxy::interval_timer_test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds Long(10'000);

TEST(IntervalTimer, CallsForEachIntervalWhileTheReactorWaits) {
  Reactor reactor;
  int called = 0;
  const IntervalTimer timer(reactor, milliseconds(1), [&] { ++called; });

  while (called < 3) reactor.wait(Long);

  EXPECT_EQ(called, 3);
}

TEST(IntervalTimer, CallsOnceForTheIntervalsThatWereMissed) {
  Reactor reactor;
  int called = 0;
  const IntervalTimer timer(reactor, milliseconds(20), [&] { ++called; });
  const auto late = std::chrono::steady_clock::now() + milliseconds(50);
  while (std::chrono::steady_clock::now() < late) {
  }

  reactor.wait(milliseconds(0));

  EXPECT_EQ(called, 1);
}

TEST(IntervalTimer, IsForgottenWhenItEnds) {
  Reactor reactor;
  int called = 0;
  std::optional<IntervalTimer> timer;
  timer.emplace(reactor, milliseconds(1), [&] { ++called; });
  while (called == 0) reactor.wait(Long);
  const int before = called;

  timer.reset();
  reactor.wait(milliseconds(5));

  EXPECT_EQ(called, before);
}

}  // namespace
}  // namespace vdm::proxy::interval_timer_test
