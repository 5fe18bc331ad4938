#include "metrics-service/cli/launch/claude.h"

#include <gtest/gtest.h>

#include "common/base/host_port.h"

namespace vdm::cli::claude_test {
namespace {

const HostPort Proxy{"127.0.0.1", 8082};

Changes changes(const GatewayFacts& facts, std::map<std::string, std::string> env = {}) {
  return std::get<Changes>(claude_environment(Proxy, facts, Env(std::move(env))));
}

TEST(Claude, IsLedToTheProxyAndHasATokenAlone) {
  const Changes got = changes({}, {{"ANTHROPIC_API_KEY", "real"}});

  EXPECT_EQ(got.at("ANTHROPIC_BASE_URL"), "http://127.0.0.1:8082");
  EXPECT_EQ(got.at("ANTHROPIC_AUTH_TOKEN"), "vandamme");
  EXPECT_EQ(got.at("ANTHROPIC_API_KEY"), std::nullopt);
  EXPECT_EQ(got.at("CLAUDE_CODE_USE_BEDROCK"), std::nullopt);
}

TEST(Claude, ShowsTheProxyItsKey) {
  const Changes got = changes({.wants_key = true}, {{"PROXY_API_KEY", "pk"}});

  EXPECT_EQ(got.at("ANTHROPIC_AUTH_TOKEN"), "pk");
}

TEST(Claude, IsNotStartedWithoutAKeyThatIsWanted) {
  const auto got = claude_environment(Proxy, {.wants_key = true}, Env());

  EXPECT_EQ(std::get<CommandResult>(got).code, Refused);
}

TEST(Claude, KeepsItsOwnKeyWhereAProviderIsShownIt) {
  const GatewayFacts facts{.providers = {{.name = "anthropic", .passthrough = true}}};

  const Changes got = changes(facts, {{"ANTHROPIC_API_KEY", "own"}});

  EXPECT_FALSE(got.contains("ANTHROPIC_API_KEY"));
  EXPECT_FALSE(got.contains("ANTHROPIC_AUTH_TOKEN"));
}

TEST(Claude, KeepsItsLoginAndShowsTheProxyItsKeyInAFieldOfItsOwn) {
  const GatewayFacts facts{.wants_key = true,
                           .providers = {{.name = "anthropic", .passthrough = true}}};

  const Changes got = changes(facts, {{"PROXY_API_KEY", "pk"}});
  const Changes more =
      changes(facts, {{"PROXY_API_KEY", "pk"}, {"ANTHROPIC_CUSTOM_HEADERS", "x-team: blue"}});

  EXPECT_EQ(got.at("ANTHROPIC_CUSTOM_HEADERS"), "x-vandamme-key: pk");
  EXPECT_FALSE(got.contains("ANTHROPIC_AUTH_TOKEN"));
  EXPECT_EQ(more.at("ANTHROPIC_CUSTOM_HEADERS"), "x-team: blue\nx-vandamme-key: pk");
}

TEST(Claude, NeedsNoLoginWhereAnotherProviderServesIt) {
  const GatewayFacts facts{
      .providers = {{.name = "openai"}, {.name = "anthropic", .passthrough = true}},
      .serves_claude = "openai"};

  EXPECT_EQ(changes(facts).at("ANTHROPIC_AUTH_TOKEN"), "vandamme");
}

TEST(Claude, ReachesThisMachineWithoutTheWebProxyOfTheEnvironment) {
  const Changes with = changes({}, {{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "a"}});
  const Changes without = changes({});

  EXPECT_EQ(with.at("NO_PROXY"), "a,127.0.0.1");
  EXPECT_EQ(with.at("no_proxy"), "127.0.0.1");
  EXPECT_FALSE(without.contains("NO_PROXY"));
}

}  // namespace
}  // namespace vdm::cli::claude_test
