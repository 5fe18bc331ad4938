#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy-service/config/changes.h"
#include "proxy-service/config/load.h"
#include "proxy-service/routing/resolver.h"
#include "tests/proxy-service/config/loaded.h"

namespace vdm::proxy::reload_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Reload, GivesAWholeNewConfigurationOrAFault) {
  const File file("[timeouts]\ntls = 1\n");
  const Env env({{"OPENAI_API_KEY", "k"}, {"VDM_CONNECT_TIMEOUT", "3s"}});
  CommandLine line;
  line.config_file = file.path();

  const auto first = load(line, env, {});
  file.write("[timeouts]\ntls = 2\nconnect = 9\n[openai.aliases]\na = \"b\"\n");
  const auto second = load(line, env, {});
  file.write("[timeouts]\ntls = 0\n");
  const auto third = load(line, env, {});

  EXPECT_THAT(
      changes(std::get<Config>(first), std::get<Config>(second)),
      ElementsAre("[anthropic] timeout", "[openai] timeout", "openai.aliases.a", "timeouts.tls"))
      << "the environment still wins over the file";
  EXPECT_THAT(std::get<Faults>(third), ElementsAre(HasSubstr("timeouts.tls")));
}

TEST(LoadAliases, PrefersTheEnvironmentThenTheProvidersTableThenThatOfAll) {
  const Config config = config_with({{"OPENAI_ALIAS_A", "env"}}, R"(
[openai.aliases]
a = "table"
b = "table"
[defaults.aliases]
a = "all"
b = "all"
c = "all"
)");
  const Resolver resolver(config.providers, config.default_provider, config.aliases);
  Balancer balancer;
  const auto model = [&](const char* name) {
    return resolver.resolve(name, Dialect::OpenAi, balancer)->first.model;
  };

  EXPECT_EQ(model("a"), "env");
  EXPECT_EQ(model("b"), "table");
  EXPECT_EQ(model("c"), "all");
}

TEST(LoadAliases, RefusesACycleAndNamesBoth) {
  EXPECT_THAT(faults_with({{"OPENAI_ALIAS_A", "b"}}, "[openai.aliases]\nb = \"a\"\n"),
              ElementsAre("OPENAI_ALIAS_A: expected a chain that ends with a model, got a cycle: "
                          "OPENAI_ALIAS_A -> openai.aliases.b -> OPENAI_ALIAS_A"));
}

TEST(LoadAliases, RefusesAProviderWithoutAKeyUnlessToldNotTo) {
  const std::string_view toml = "[profiles.top.aliases]\nhaiku = \"zai:haiku\"\n";

  EXPECT_THAT(faults_with({}, toml),
              ElementsAre("profiles.top.aliases.haiku: expected a provider that has a key before "
                          "':', got 'zai:haiku'"));
  EXPECT_THAT(config_with({{"VDM_STRICT_PROFILE_VALIDATION", "false"}}, toml).notices,
              ElementsAre(HasSubstr("got 'zai:haiku'; left out")));
}

TEST(LoadAliases, StartsWithTheOriginalsOwnTablesOfProvidersWithoutKeys) {
  const Config config = config_with({}, "[zai.aliases]\nhaiku = \"glm\"\n");

  EXPECT_EQ(config.providers.size(), 2u) << "openai, and the implied one";
  EXPECT_THAT(config.notices, ElementsAre(HasSubstr("[zai]: has no key")));
}

TEST(LoadProfiles, LetsOneBeTheDefault) {
  const std::string_view toml = "[profiles.top.aliases]\nx = \"openai:y\"\n";

  const Config config = config_with({{"VDM_DEFAULT_PROVIDER", "Top"}}, toml);

  EXPECT_EQ(config.aliases.default_profile, "top");
  EXPECT_EQ(config.default_provider, "");
  EXPECT_THAT(
      faults_with({{"VDM_DEFAULT_PROVIDER", "tpo"}}, toml),
      ElementsAre("VDM_DEFAULT_PROVIDER: expected one of openai, anthropic, top, got 'tpo'"));
}

TEST(LoadProfiles, SaysWhenOneHidesAProvider) {
  EXPECT_THAT(config_with({}, "[profiles.openai]\n").notices,
              ElementsAre("profiles.openai: comes before the provider of the same name"));
}

TEST(LoadRetries, LetsTheEnvironmentWinOverAProvidersTableAndThatOverTheDefault) {
  const std::string_view toml = "[defaults]\nmax-retries = 5\n[openai]\nmax-retries = 4\n[poe]\n";
  const auto retries = [&](Variables variables) {
    variables.emplace("POE_API_KEY", "k");
    const Config config = config_with(std::move(variables), toml);
    return std::pair(config.providers.at(0).retries_max, config.providers.at(1).retries_max);
  };

  EXPECT_EQ(retries({}), std::pair(4u, 5u));
  EXPECT_EQ(retries({{"MAX_RETRIES", "1"}}), std::pair(1u, 1u));
}

TEST(LoadRetries, RefusesALimitBeyondItsOwnLimit) {
  EXPECT_THAT(faults_with({{"VDM_KEY_REST", "11m"}}),
              ElementsAre("VDM_KEY_REST: expected at most VDM_KEY_REST_MAX (600000ms), got "
                          "'660000ms'"));
  EXPECT_THAT(faults_with({{"VDM_RETRY_BACKOFF_FIRST", "5s"}}),
              Contains(HasSubstr("VDM_RETRY_BACKOFF_FIRST")));
  EXPECT_THAT(faults_with({{"VDM_BREAKER_OPEN_TIME", "3m"}}),
              Contains(HasSubstr("VDM_BREAKER_OPEN_TIME")));
}

TEST(LoadRetries, SuggestsWhatAnUnknownSettingMayMean) {
  EXPECT_THAT(faults_with({}, "[retry]\nbudget-pecent = 5\n"),
              ElementsAre("retry.budget-pecent: no such setting; did you mean "
                          "retry.budget-percent?"));
  EXPECT_THAT(faults_with({}, "[braker]\nprobes = 5\n"),
              ElementsAre("[braker]: no such table; did you mean [breaker]?"));
  EXPECT_THAT(faults_with({}, "[alias]\nx = \"y\"\n"),
              ElementsAre("[alias]: no such table; did you mean [aliases]?"));
}

TEST(Load, RefusesAFileLargerThanAnyConfiguration) {
  EXPECT_THAT(faults_with({}, std::string(5 * MiB, '#')),
              ElementsAre("expected at most 4194304 bytes"));
}

}  // namespace
}  // namespace vdm::proxy::reload_test
