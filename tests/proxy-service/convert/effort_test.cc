#include "proxy-service/convert/effort.h"

#include <gtest/gtest.h>

namespace vdm::proxy::effort_test {
namespace {

TEST(Effort, IsTheSameAgainByWayOfABudget) {
  for (const std::string_view effort : {"low", "medium", "high"}) {
    EXPECT_EQ(effort_of_budget(budget_of_effort(effort)), effort);
  }
}

TEST(Effort, IsLoweredToWhatIsAccepted) {
  const std::vector<EffortWord> Three{
      {Effort::Low, "low"}, {Effort::Medium, "medium"}, {Effort::High, "HIGH"}};

  EXPECT_EQ(accepted_effort("medium", Three), "medium");
  EXPECT_EQ(accepted_effort("max", Three), "HIGH");
  EXPECT_EQ(accepted_effort("minimal", Three), "low");
  EXPECT_EQ(accepted_effort("brand-new", Three), "medium");
  EXPECT_EQ(accepted_effort("high", {}), "");
}

}  // namespace
}  // namespace vdm::proxy::effort_test
