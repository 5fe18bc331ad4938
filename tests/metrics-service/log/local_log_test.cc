#include "metrics-service/log/local_log.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "metrics-service/tracker/journal.h"
#include "tests/fakes/manual_clock.h"

namespace vdm::metrics::local_log_test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t PerPosition = Journal::ChangesPerPosition;

class LocalLogTest : public ::testing::Test {
 protected:
  /// A log with a reserved block of 64 positions.
  LocalLog log() {
    LocalLogOptions options{
        .block = {.epoch = "e", .first = 101, .last = 164}, .is_reserved = true, .block_size = 64};
    options.reserve = [this](PositionBlock block, std::function<void()> done) {
      asked_.emplace_back(std::move(block), std::move(done));
    };
    return LocalLog(options, clock_);
  }
  void follow(LocalLog& log) {
    log.on_entry([this](const EntryPlace& place, const Input&) {
      positions_.push_back(place.position);
      return place.position * PerPosition + changes_;
    });
  }
  /// Enough entries for that many positions.
  void pass(LocalLog& log, int positions) {
    for (int i = 0; i < positions; ++i) {
      log.propose(ClockTick{});
      clock_.advance(10ms);
    }
  }

  ManualClock clock_;
  std::vector<std::pair<PositionBlock, std::function<void()>>> asked_;
  std::vector<std::uint64_t> positions_;
  std::uint64_t changes_ = 1;
};

TEST_F(LocalLogTest, GivesTheInputsOfTenMillisecondsOnePosition) {
  LocalLog log = this->log();
  follow(log);

  log.propose(ClockTick{});
  clock_.advance(9ms);
  log.propose(ClockTick{});
  clock_.advance(1ms);
  log.propose(ClockTick{});

  EXPECT_EQ(positions_, (std::vector<std::uint64_t>{101, 101, 102}));
}

TEST_F(LocalLogTest, LetsAnEntryWithManyChangesTakeTheNextPositions) {
  LocalLog log = this->log();
  follow(log);
  changes_ = 2 * PerPosition + 5;

  pass(log, 2);

  EXPECT_EQ(positions_, (std::vector<std::uint64_t>{101, 104}));
}

TEST_F(LocalLogTest, ReservesTheNextBlockBeforeTheLastPositionIsGiven) {
  LocalLog log = this->log();
  follow(log);
  pass(log, 47);
  EXPECT_TRUE(asked_.empty());

  pass(log, 5);
  ASSERT_EQ(asked_.size(), 1u) << "once";
  EXPECT_EQ(asked_[0].first.epoch, "e");
  EXPECT_GT(asked_[0].first.last, 164u);
  asked_[0].second();
  pass(log, 20);

  EXPECT_EQ(log.epoch(), "e");
  EXPECT_EQ(positions_.back(), 172u);
}

TEST_F(LocalLogTest, BecomesAnotherLogRatherThanGiveAPositionThatIsNotReserved) {
  LocalLog log = this->log();
  follow(log);

  pass(log, 64);
  EXPECT_EQ(log.epoch(), "e");
  pass(log, 1);

  EXPECT_NE(log.epoch(), "e");
  const std::string another = log.epoch();
  asked_.at(0).second();  // too late
  pass(log, 100);
  EXPECT_EQ(log.epoch(), another);
  ASSERT_EQ(asked_.size(), 2u);
  EXPECT_EQ(asked_[1].first.epoch, another) << "it is kept as soon as the disk works again";
}

}  // namespace
}  // namespace vdm::metrics::local_log_test
