#include "proxy-service/net/loop_lag.h"

#include <gtest/gtest.h>

#include <deque>

#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/fakes/manual_clock.h"

namespace vdm::proxy::loop_lag_test {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t OfOneRound = 128;
constexpr milliseconds Now{0};

/// One that becomes readable, and whose work takes a millisecond.
class Busy final : public Reactor::Watched {
 public:
  Busy(Reactor& reactor, ManualClock& clock)
      : reactor_(reactor), clock_(clock), event_(::eventfd(0, EFD_NONBLOCK)) {
    if (!reactor_.add(event_.get(), *this)) std::abort();
  }
  ~Busy() { reactor_.forget(*this); }
  void become_readable() {
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(event_.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
  }
  void ready(std::uint32_t) override { clock_.advance(milliseconds(1)); }

 private:
  Reactor& reactor_;
  ManualClock& clock_;
  Descriptor event_;
};

class LoopLagTest : public ::testing::Test {
 protected:
  void round() {
    reactor_.wait(Now);
    lag_.round_over();
  }
  void make_busy(std::size_t count) {
    while (busy_.size() < count) busy_.emplace_back(reactor_, clock_);
    for (Busy& each : busy_) each.become_readable();
  }
  /// One that is new may be written to: that is said first.
  void pass_beginning() {
    for (std::size_t i = 0; i <= busy_.size() / OfOneRound + 1; ++i) round();
  }
  LoopLag::Duration delay() const { return lag_.delay(clock_.monotonic()); }

  ManualClock clock_;
  Reactor reactor_;
  LoopLag lag_{reactor_, clock_};
  std::deque<Busy> busy_;
};

TEST_F(LoopLagTest, IsNoneWhileARoundTakesAllThatIsReadable) {
  make_busy(OfOneRound / 2);
  pass_beginning();
  make_busy(OfOneRound / 2);

  round();

  EXPECT_EQ(delay(), milliseconds(0));
}

TEST_F(LoopLagTest, IsWhatTheLastInTheQueueWaits) {
  make_busy(4 * OfOneRound);
  pass_beginning();
  make_busy(4 * OfOneRound);

  round();  // sends the probe, behind three rounds' work
  EXPECT_EQ(delay(), milliseconds(0));
  round();
  EXPECT_EQ(delay(), milliseconds(OfOneRound));  // so far
  round();
  round();
  round();

  EXPECT_EQ(delay(), milliseconds(0));  // the last round took all there was
}

TEST_F(LoopLagTest, TellsTheLastDelayUntilTheThreadKeepsUpAgain) {
  make_busy(4 * OfOneRound);
  pass_beginning();
  make_busy(4 * OfOneRound);
  for (int i = 0; i < 4; ++i) round();
  make_busy(4 * OfOneRound);

  round();  // the probe comes first, then what became readable after it

  EXPECT_GE(delay(), milliseconds(3 * OfOneRound));
  for (int i = 0; i < 6; ++i) round();
  EXPECT_EQ(delay(), milliseconds(0));
}

}  // namespace
}  // namespace vdm::proxy::loop_lag_test
