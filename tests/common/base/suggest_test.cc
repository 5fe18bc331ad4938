#include "common/base/suggest.h"

#include <gtest/gtest.h>

namespace vdm {
namespace {

const std::vector<std::string_view> Known{"metrics.port", "metrics.host", "timeouts"};

TEST(Suggestion, IsTheNearestName) {
  EXPECT_EQ(suggestion("metrics.prot", Known), "metrics.port");
  EXPECT_EQ(suggestion("metrics.hosts", Known), "metrics.host");
  EXPECT_EQ(suggestion("timeout", Known), "timeouts");
}

TEST(Suggestion, IsNothingWhenNoneIsNear) {
  EXPECT_EQ(suggestion("colour", Known), "");
  EXPECT_EQ(suggestion("", Known), "");
  EXPECT_EQ(suggestion(std::string(10'000, 'x'), Known), "");
  EXPECT_EQ(suggestion("port", {}), "");
}

}  // namespace
}  // namespace vdm
