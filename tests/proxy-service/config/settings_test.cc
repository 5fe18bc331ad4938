#include "proxy-service/config/settings.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy-service/config/load.h"
#include "tests/common/settings/extremes.h"
#include "tests/common/settings/settings_table.h"
#include "tests/proxy-service/config/loaded.h"

namespace vdm::proxy::config_settings_test {
namespace {

using ::testing::IsEmpty;

/// What else has to be said for a value to be valid beside it.
Variables settings_that_go_along(const std::string& variable) {
  if (variable == "VDM_BODY_BYTES_MAX") return {{"VDM_ALL_BODIES_BYTES_MAX", "1024GiB"}};
  if (variable == "VDM_ALL_BODIES_BYTES_MAX") return {{"VDM_BODY_BYTES_MAX", "1KiB"}};
  if (variable == "VDM_RETRY_BACKOFF_FIRST") return {{"VDM_RETRY_BACKOFF_MAX", "8784h"}};
  if (variable == "VDM_RETRY_BACKOFF_MAX") return {{"VDM_RETRY_BACKOFF_FIRST", "1ms"}};
  if (variable == "VDM_KEY_REST") return {{"VDM_KEY_REST_MAX", "8784h"}};
  if (variable == "VDM_KEY_REST_MAX") return {{"VDM_KEY_REST", "1ms"}};
  if (variable == "VDM_BREAKER_OPEN_TIME") return {{"VDM_BREAKER_OPEN_TIME_MAX", "8784h"}};
  if (variable == "VDM_BREAKER_OPEN_TIME_MAX") return {{"VDM_BREAKER_OPEN_TIME", "1ms"}};
  return {};
}

TEST(Settings, SayTheDefaultThatTheStructHas) {
  ConfigDraft draft;
  settings::put_defaults(settings_of(draft));

  EXPECT_EQ(draft.config.listen, Listen{});
  EXPECT_EQ(draft.config.limits, Limits{});
  EXPECT_EQ(draft.config.timeouts, Timeouts{});
  EXPECT_EQ(draft.config.metrics.public_url, Metrics{}.public_url);
  EXPECT_EQ(draft.config.metrics.ingest.port, Metrics{}.ingest.port);
  EXPECT_EQ(draft.config.metrics.enabled, Metrics{}.enabled);
  EXPECT_EQ(draft.config.log_level, Config{}.log_level);
  EXPECT_EQ(draft.config.retry, RetryLimits{});
  EXPECT_EQ(draft.config.key_cooldown, KeyRing::Options{});
  EXPECT_EQ(draft.config.breaker, CircuitBreaker::Options{});
  EXPECT_EQ(draft.config.aliases.chain_max, AliasRules{}.chain_max);
  EXPECT_EQ(draft.config.aliases.missing, AliasRules{}.missing);
  EXPECT_EQ(draft.http_upstreams, HttpUpstreams::LoopbackOnly);
  EXPECT_EQ(draft.key_affinity, Provider{}.key_affinity);
}

TEST(Settings, AreATableThatHoldsTogether) {
  ConfigDraft draft;
  settings::expect_consistent(settings_of(draft));
}

TEST(Settings, TakeEveryNumberOfTheirRangeAndRefuseEveryOther) {
  ConfigDraft draft;
  for (const settings::Setting& setting : settings_of(draft)) {
    if (!setting.rule.is_number()) continue;
    const std::string variable(setting.variable);
    const auto loaded = [&](const std::string& text) {
      Variables variables{{variable, text}};
      for (const auto& [other, value] : settings_that_go_along(variable)) {
        variables.emplace(other, value);
      }
      return faults_with(std::move(variables));
    };
    settings::expect_range_held(setting, loaded);
  }
}

TEST(Readme, HasARowForEverySettingAndNoOther) {
  ConfigDraft draft;
  settings::expect_documented(settings_of(draft), VDM_SOURCE_DIR "/proxy-service/README.md");
}

TEST(ExampleFile, LoadsAndIsTheDefaultConfiguration) {
  CommandLine line;
  line.config_file = VDM_SOURCE_DIR "/deploy/vandamme.example.toml";

  const Env env(std::map<std::string, std::string>{{"OPENAI_API_KEY", "k"}});

  const auto loaded = load(line, env, {});

  ASSERT_TRUE(std::holds_alternative<Config>(loaded))
      << testing::PrintToString(std::get<Faults>(loaded));
  const Config& config = std::get<Config>(loaded);
  EXPECT_EQ(config.listen, Listen{});
  EXPECT_EQ(config.limits, Limits{});
  EXPECT_EQ(config.timeouts, Timeouts{});
  EXPECT_EQ(config.retry, RetryLimits{});
  EXPECT_EQ(config.key_cooldown, KeyRing::Options{});
  EXPECT_EQ(config.breaker, CircuitBreaker::Options{});
  EXPECT_EQ(config.providers.size(), 2u) << "openai, and the implied one";
  EXPECT_THAT(config.notices, IsEmpty());
}

TEST(ExampleFile, NamesEverySettingOfTheFile) {
  ConfigDraft draft;
  settings::expect_in_example(settings_of(draft), VDM_SOURCE_DIR "/deploy/vandamme.example.toml");
}

}  // namespace
}  // namespace vdm::proxy::config_settings_test
