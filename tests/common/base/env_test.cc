#include "common/base/env.h"

#include <gtest/gtest.h>

namespace vdm::env_test {
namespace {

TEST(Env, TreatsAnEmptyValueAsUnset) {
  const Env env({{"PORT", ""}, {"HOST", "::1"}});

  EXPECT_FALSE(env.get("PORT"));
  EXPECT_EQ(env.get("HOST"), "::1");
}

TEST(ParsePort, NamesTheKeyAndTheValueItRefuses) {
  for (const char* text : {"0", "65536", "80x", "", "-1", " 80"}) {
    const auto port = parse_port("PORT", text);

    ASSERT_FALSE(port) << text;
    EXPECT_EQ(port.error().message, std::string("PORT: expected 1..65535, got '") + text + "'");
  }
}

TEST(ParseSecret, TakesVisibleAsciiAndRepeatsNothingOfTheRest) {
  EXPECT_EQ(parse_secret("K", "sk-1/a+b=")->reveal(), "sk-1/a+b=");
  for (const char* text : {"sk one", "sk\tone", "sk-\xc3\xa4"}) {
    const auto refused = parse_secret("K", text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().message, "K: expected visible ASCII characters without spaces");
  }
}

}  // namespace
}  // namespace vdm::env_test
