#include "proxy-service/convert/content/call_id.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace vdm::proxy::call_id_test {
namespace {

TEST(CallId, StaysAsItIsWhereAnyWillDo) {
  EXPECT_EQ(call_id_for("toolu_01A", CallIds::Any), "toolu_01A");
  EXPECT_EQ(call_id_for("", CallIds::Any), "");
}

TEST(CallId, BecomesNineLettersAndDigitsAlwaysAlike) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = "toolu_" + std::to_string(i);
    const std::string nine = call_id_for(id, CallIds::NineAlphanumerics);
    EXPECT_EQ(nine.size(), 9u);
    EXPECT_EQ(nine, call_id_for(id, CallIds::NineAlphanumerics));
    EXPECT_EQ(nine, call_id_for(nine, CallIds::NineAlphanumerics)) << "what fits stays";
    seen.insert(nine);
  }
  EXPECT_EQ(seen.size(), 10'000u);
}

}  // namespace
}  // namespace vdm::proxy::call_id_test
