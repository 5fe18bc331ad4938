#include "common/base/env.h"

#include <gtest/gtest.h>

namespace vdm {
namespace {

using namespace std::chrono_literals;

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

TEST(ParseDuration, ReadsSecondsFractionsAndUnits) {
  EXPECT_EQ(*parse_duration("K", "0.5"), 500ms);
  EXPECT_EQ(*parse_duration("K", "90"), 90s);
  EXPECT_EQ(*parse_duration("K", "250ms"), 250ms);
  EXPECT_EQ(*parse_duration("K", "5m"), 5min);
  EXPECT_FALSE(parse_duration("K", "5 m"));
  EXPECT_FALSE(parse_duration("K", "-1"));
  EXPECT_FALSE(parse_duration("K", "inf"));
}

TEST(ParseBytes, ReadsBinaryUnits) {
  EXPECT_EQ(*parse_bytes("K", "64MiB"), 64u * 1024 * 1024);
  EXPECT_EQ(*parse_bytes("K", "65536"), 65536u);
  EXPECT_FALSE(parse_bytes("K", "64MB"));
}

TEST(ParseHostPort, TakesNamesAndBracketedAddresses) {
  EXPECT_EQ(parse_host_port("K", "metrics:50051")->host, "metrics");
  EXPECT_EQ(parse_host_port("K", "[::1]:50051")->host, "::1");
  EXPECT_EQ(parse_host_port("K", "[::1]:50051")->port, 50051);
  EXPECT_FALSE(parse_host_port("K", "::1:50051"));
  EXPECT_FALSE(parse_host_port("K", "metrics"));
  EXPECT_FALSE(parse_host_port("K", ":50051"));
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
}  // namespace vdm
