#include "metrics-service/config/settings.h"

#include <map>

#include <gtest/gtest.h>

#include "metrics-service/config/load.h"
#include "tests/common/settings/extremes.h"
#include "tests/common/settings/settings_table.h"

namespace vdm::metrics::config_settings_test {
namespace {

using Variables = std::map<std::string, std::string>;

constexpr const char* Example = VDM_SOURCE_DIR "/deploy/vandamme.example.toml";

std::variant<Config, Faults> load_with(Variables variables, const CommandLine& line = {}) {
  return load(line, Env(std::move(variables)), "/opt/vandamme/bin/vdm-metrics");
}

TEST(MetricsExampleFile, LoadsAndIsTheDefaultConfiguration) {
  CommandLine line;
  line.config_file = Example;

  const auto loaded = load_with({}, line);

  ASSERT_TRUE(std::holds_alternative<Config>(loaded))
      << testing::PrintToString(std::get<Faults>(loaded));
  const Config& config = std::get<Config>(loaded);
  const Config standard = std::get<Config>(load_with({}));
  EXPECT_EQ(config.listen.port, standard.listen.port);
  EXPECT_EQ(config.listen.ingest.port, standard.listen.ingest.port);
  EXPECT_EQ(config.live.progress_interval, standard.live.progress_interval);
  EXPECT_EQ(config.live.heartbeat, standard.live.heartbeat);
  EXPECT_EQ(config.live.summary_interval, standard.live.summary_interval);
  EXPECT_EQ(config.history.directory, standard.history.directory);
  EXPECT_EQ(config.history.retention_days, standard.history.retention_days);
  EXPECT_EQ(config.access.cancel_allowed, standard.access.cancel_allowed);
}

TEST(MetricsExampleFile, NamesEverySettingOfTheFile) {
  ConfigDraft draft;
  settings::expect_in_example(settings_of(draft), Example);
}

TEST(MetricsSettings, SayTheDefaultThatTheStructHas) {
  ConfigDraft draft;
  settings::put_defaults(settings_of(draft));
  const Config& config = draft.config;
  const Config standard;

  EXPECT_EQ(config.listen.host, standard.listen.host);
  EXPECT_EQ(config.listen.port, standard.listen.port);
  EXPECT_EQ(config.listen.ingest.port, standard.listen.ingest.port);
  EXPECT_EQ(config.listen.events.port, standard.listen.events.port);
  EXPECT_EQ(config.access.cancel_allowed, standard.access.cancel_allowed);
  EXPECT_EQ(config.history.retention_days, standard.history.retention_days);
  EXPECT_EQ(config.live.metrics_enabled, standard.live.metrics_enabled);
  EXPECT_EQ(config.live.feeds_enabled, standard.live.feeds_enabled);
  EXPECT_EQ(config.live.progress_interval, standard.live.progress_interval);
  EXPECT_EQ(config.live.heartbeat, standard.live.heartbeat);
  EXPECT_EQ(config.live.summary_interval, standard.live.summary_interval);
  EXPECT_EQ(config.log_level, standard.log_level);
}

TEST(MetricsSettings, AreATableThatHoldsTogether) {
  ConfigDraft draft;
  settings::expect_consistent(settings_of(draft));
}

TEST(MetricsSettings, TakeEveryNumberOfTheirRangeAndRefuseEveryOther) {
  ConfigDraft draft;
  for (const settings::Setting& setting : settings_of(draft)) {
    if (!setting.rule.is_number()) continue;
    settings::expect_range_held(setting, [&](const std::string& text) {
      const auto loaded = load_with({{std::string(setting.variable), text}});
      const auto* faults = std::get_if<Faults>(&loaded);
      return faults != nullptr ? *faults : Faults{"none"};
    });
  }
}

TEST(MetricsSettings, AreAllInTheReadmeAndNoOther) {
  ConfigDraft draft;
  settings::expect_documented(settings_of(draft), VDM_SOURCE_DIR "/metrics-service/README.md");
}

}  // namespace
}  // namespace vdm::metrics::config_settings_test
