#include "common/base/suggest.h"

#include <gtest/gtest.h>

namespace vdm::suggest_test {
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

TEST(NoSuchSetting, NamesTheOneThatWasMeant) {
  EXPECT_EQ(no_such_setting("metrics.prot", "", Known),
            "no such setting; did you mean metrics.port?");
  EXPECT_EQ(no_such_setting("limits.bodies", "limits", {"body", "fields"}),
            "no such setting; did you mean limits.body?");
  EXPECT_EQ(no_such_setting("colour", "", Known), "no such setting");
}

}  // namespace
}  // namespace vdm::suggest_test
