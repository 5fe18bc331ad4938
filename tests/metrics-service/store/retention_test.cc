#include "metrics-service/store/retention.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "metrics-service/store/history_days.h"

namespace vdm::metrics::retention_test {
namespace {

using namespace std::chrono_literals;

constexpr auto Noon = SystemTime(1'764'000'000s);

/// A service that writes each day and deletes what is outdated, by hand.
class RetentionTest : public ::testing::Test {
 protected:
  static std::string day(int n) { return HistoryDays::day_of(Noon + 24h * n); }
  /// The clock says day `n`; so much of the process's own time has passed.
  void at(int n, MonotonicTime::duration passed) {
    now_ += passed;
    days_.insert(day(n));
    for (const std::string& gone :
         retention_.outdated({days_.begin(), days_.end()}, day(n), now_)) {
      days_.erase(gone);
    }
  }

  Retention retention_{30};
  std::set<std::string> days_;
  MonotonicTime now_{1h};
};

TEST_F(RetentionTest, KeepsAMonthAndForgetsWhatIsOlder) {
  for (int n = 0; n < 100; ++n) at(n, 24h);

  EXPECT_EQ(days_.size(), 32u) << "today, the days kept, and one that the clock alone says is old";
  EXPECT_TRUE(days_.contains(day(69)));
  EXPECT_FALSE(days_.contains(day(67)));
}

TEST_F(RetentionTest, DeletesNothingWhenTheClockJumpsAheadAndBack) {
  for (int n = 0; n <= 30; ++n) at(n, 24h);
  auto before = days_;
  before.erase(day(0));  // which is old on day 31, too

  at(70, 1h);
  at(70, 20h);
  at(31, 1h);
  at(75, 20h);
  at(31, 3h);

  for (const std::string& kept : before) EXPECT_TRUE(days_.contains(kept)) << kept;
}

TEST_F(RetentionTest, BelievesAClockThatStaysAheadForADay) {
  for (int n = 0; n <= 30; ++n) at(n, 24h);

  at(70, 1h);
  EXPECT_EQ(days_.size(), 32u);
  at(71, 24h);

  EXPECT_EQ(days_, (std::set<std::string>{day(70), day(71)}));
}

TEST_F(RetentionTest, ForgetsInServicesThatLiveForAnHour) {
  for (int n = 0; n < 100; ++n) {
    retention_ = Retention(30);
    at(n, 1h);
  }
  EXPECT_EQ(days_.size(), 30u + Retention::MoreDays + 2);
}

TEST_F(RetentionTest, TakesTheMostDaysThatASettingAllows) {
  retention_ = Retention(3'650);
  for (int n = 0; n < 100; ++n) at(n, 24h);
  EXPECT_EQ(days_.size(), 100u);
}

}  // namespace
}  // namespace vdm::metrics::retention_test
