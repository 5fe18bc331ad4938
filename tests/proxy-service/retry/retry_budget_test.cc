#include "proxy-service/retry/retry_budget.h"

#include <gtest/gtest.h>

namespace vdm::proxy::retry_budget_test {
namespace {

int retries_taken(RetryBudget& budget) {
  int taken = 0;
  while (budget.take_retry()) ++taken;
  return taken;
}

TEST(RetryBudget, StartsWithItsBurst) {
  RetryBudget budget(10, 7);

  EXPECT_EQ(retries_taken(budget), 7);
}

TEST(RetryBudget, AllowsTenRetriesInAHundredRequestsAndNoMore) {
  RetryBudget budget(10, 5);
  retries_taken(budget);
  int taken = 0;

  for (int i = 0; i < 1000; ++i) {
    budget.request();
    taken += retries_taken(budget);
  }

  EXPECT_EQ(taken, 100);
}

TEST(RetryBudget, SavesNoMoreThanItsBurst) {
  RetryBudget budget(10, 5);
  for (int i = 0; i < 100'000; ++i) budget.request();

  EXPECT_EQ(retries_taken(budget), 5);
}

TEST(RetryBudget, AllowsNoneAtZeroPercent) {
  RetryBudget budget(0, 10);
  budget.request();

  EXPECT_FALSE(budget.take_retry());
}

}  // namespace
}  // namespace vdm::proxy::retry_budget_test
