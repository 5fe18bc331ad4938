#include "metrics-service/cli/setup/config_text.h"

#include <gtest/gtest.h>

#include <toml++/toml.h>

namespace vdm::cli::config_text_test {
namespace {

TEST(ConfigText, SaysWhatItWasGiven) {
  const std::string text = config_text({{.name = "anthropic", .key = Secret("k1")},
                                        {.name = "mine",
                                         .key = Secret("k\"2\\"),
                                         .base_url = "https://x.example/v1",
                                         .api_format = "openai"}});

  const toml::table parsed = toml::parse(text);
  EXPECT_EQ(parsed["defaults"]["default-provider"].value<std::string>(), "anthropic");
  EXPECT_EQ(parsed["providers"]["anthropic"]["api-key"].value<std::string>(), "k1");
  EXPECT_FALSE(parsed["providers"]["anthropic"]["base-url"]);
  EXPECT_EQ(parsed["providers"]["mine"]["api-key"].value<std::string>(), "k\"2\\");
  EXPECT_EQ(parsed["providers"]["mine"]["base-url"].value<std::string>(), "https://x.example/v1");
  EXPECT_EQ(parsed["providers"]["mine"]["api-format"].value<std::string>(), "openai");
}

TEST(ConfigText, LeavesAnEmptyKeyToTheEnvironment) {
  const std::string text = config_text({{.name = "my-own"}});

  EXPECT_NE(text.find("# Its key is expected in the environment, as MY_OWN_API_KEY."), text.npos);
  EXPECT_EQ(toml::parse(text)["providers"]["my-own"].as_table()->size(), 0u);
}

TEST(ConfigText, CannotBeBrokenOutOf) {
  const std::string hostile = "x]\nHOST = \"0.0.0.0\"\n[\x7f\t\"";

  const toml::table parsed =
      toml::parse(config_text({{.name = hostile, .key = Secret(hostile), .base_url = hostile}}));

  EXPECT_EQ(parsed.size(), 1u);
  EXPECT_EQ(parsed["providers"][hostile]["api-key"].value<std::string>(), hostile);
  EXPECT_EQ(parsed["providers"][hostile]["base-url"].value<std::string>(), hostile);
}

}  // namespace
}  // namespace vdm::cli::config_text_test
