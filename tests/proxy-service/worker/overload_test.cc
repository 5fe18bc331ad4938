#include "proxy-service/worker/overload.h"

#include <gtest/gtest.h>

#include <vector>

namespace vdm::proxy::overload_test {
namespace {

using std::chrono::milliseconds;

constexpr double Most = 0.999;

class LoadSheddingTest : public ::testing::Test {
 protected:
  static constexpr OverloadLimits Limits{.delay_max = milliseconds(30), .memory_percent = 85};

  Shortage judge(const Load& load, double chance, const OverloadLimits& limits = Limits) {
    now_ += LoadShedding::Step;
    return shedding_.judge(limits, load, now_, chance);
  }

  LoadShedding shedding_;
  MonotonicTime now_{};
};

TEST_F(LoadSheddingTest, AdmitsAllOfARestedThread) {
  EXPECT_EQ(judge({}, Most), Shortage::None);
  EXPECT_EQ(judge({.delay = milliseconds(30)}, Most), Shortage::None);
}

TEST_F(LoadSheddingTest, AdmitsEverFewerWhileClientsWaitLongerThanTheLimit) {
  double before = shedding_.share();
  for (int i = 0; i < 10; ++i) {
    judge({.delay = milliseconds(45)}, 0);
    EXPECT_LT(shedding_.share(), before);
    before = shedding_.share();
  }

  EXPECT_EQ(judge({.delay = milliseconds(45)}, Most), Shortage::Time);
  EXPECT_EQ(judge({.delay = milliseconds(45)}, 0), Shortage::None);
}

TEST_F(LoadSheddingTest, ChangesOnceAStepHoweverManyAsk) {
  judge({.delay = milliseconds(31)}, 0);
  const double share = shedding_.share();

  for (int i = 0; i < 100; ++i) shedding_.judge(Limits, {.delay = milliseconds(31)}, now_, 0);

  EXPECT_EQ(shedding_.share(), share);
}

TEST_F(LoadSheddingTest, AdmitsAFewEvenAfterLongOverload) {
  for (int i = 0; i < 10'000; ++i) judge({.delay = milliseconds(31)}, 0);

  EXPECT_EQ(judge({.delay = milliseconds(31)}, 0.01), Shortage::None);
}

TEST_F(LoadSheddingTest, AdmitsNoneWhenClientsWaitMuchLonger) {
  EXPECT_EQ(judge({.delay = milliseconds(51)}, 0), Shortage::Time);
}

TEST_F(LoadSheddingTest, AdmitsAllWithinFiveSecondsAfterTheLongestOverload) {
  for (int i = 0; i < 10'000; ++i) judge({.delay = milliseconds(100)}, 0);
  const MonotonicTime over = now_;

  while (shedding_.share() < 1) judge({}, 0);

  EXPECT_LT(now_ - over, std::chrono::seconds(5));
  EXPECT_EQ(judge({}, Most), Shortage::None);
}

TEST_F(LoadSheddingTest, AdmitsAllWithoutALimit) {
  const OverloadLimits none{.delay_max = milliseconds(0), .memory_percent = 0};

  EXPECT_EQ(judge({.delay = std::chrono::hours(1), .memory = 1}, 0, none), Shortage::None);
  EXPECT_EQ(judge({.delay = std::chrono::hours(1), .memory = 1}, Most, none), Shortage::None);
}

TEST_F(LoadSheddingTest, AdmitsEverFewerAsMemoryFills) {
  EXPECT_EQ(judge({.memory = 0.849}, 0), Shortage::None);
  EXPECT_EQ(judge({.memory = 0.90}, 0.49), Shortage::Memory);
  EXPECT_EQ(judge({.memory = 0.90}, 0.51), Shortage::None);
  EXPECT_EQ(judge({.memory = 0.9501}, Most), Shortage::Memory);
}

TEST_F(LoadSheddingTest, AdmitsNoneAtAHundredPercentIfThatIsTheLimit) {
  const OverloadLimits all{.memory_percent = 100};

  EXPECT_EQ(judge({.memory = 0.99}, 0, all), Shortage::None);
  EXPECT_EQ(judge({.memory = 1}, Most, all), Shortage::Memory);
}

TEST(Overload, NamesTheSettingThatMovesTheLimit) {
  EXPECT_NE(refusal_of(Shortage::Requests).message.find("VDM_REQUESTS_MAX"), std::string::npos);
  EXPECT_NE(refusal_of(Shortage::Time).message.find("VDM_OVERLOAD_DELAY"), std::string::npos);
  EXPECT_NE(refusal_of(Shortage::Memory).message.find("VDM_OVERLOAD_MEMORY_PERCENT"),
            std::string::npos);
  EXPECT_EQ(refusal_of(Shortage::Time).status, 503);
}

TEST(RequestsInHand, GivesSoManyPlacesAndEachOneAgain) {
  RequestsInHand in_hand;
  std::vector<RequestsInHand::Place> places;
  places.push_back(in_hand.take(2));
  places.push_back(in_hand.take(2));

  EXPECT_TRUE(places[0].given());
  EXPECT_TRUE(places[1].given());
  EXPECT_FALSE(in_hand.take(2).given());
  EXPECT_FALSE(in_hand.take(2).given());  // a refusal takes none
  places.pop_back();
  EXPECT_TRUE(in_hand.take(2).given());
}

}  // namespace
}  // namespace vdm::proxy::overload_test
