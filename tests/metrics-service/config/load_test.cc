#include "metrics-service/config/load.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics-service/config/knobs.h"

namespace vdm::metrics {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

using Variables = std::map<std::string, std::string>;

constexpr const char* Example = VDM_SOURCE_DIR "/deploy/vandamme.example.toml";

std::variant<Config, Faults> load_with(Variables variables, Flags flags = {}) {
  return load(flags, Env(std::move(variables)), "/opt/vandamme/bin/vdm-metrics");
}

Faults faults_with(Variables variables, Flags flags = {}) {
  const auto loaded = load_with(std::move(variables), std::move(flags));
  const auto* faults = std::get_if<Faults>(&loaded);
  return faults ? *faults : Faults{};
}

TEST(MetricsLoad, NeedsNoSettingAtAll) {
  const auto loaded = load_with({});

  ASSERT_TRUE(std::holds_alternative<Config>(loaded));
  EXPECT_EQ(std::get<Config>(loaded).listen.port, 8083);
  EXPECT_FALSE(std::get<Config>(loaded).access.cancel_allowed);
}

TEST(MetricsLoad, ReportsEveryFaultWithItsKeyAndValue) {
  EXPECT_THAT(faults_with({{"VDM_METRICS_PORT", "80x"},
                           {"VDM_ALLOW_CANCEL", "maybe"},
                           {"VDM_EVENTS_ADDRESS", "nowhere"}}),
              UnorderedElementsAre("VDM_METRICS_PORT: expected 1..65535, got '80x'",
                                   "VDM_ALLOW_CANCEL: expected true or false, got 'maybe'",
                                   "VDM_EVENTS_ADDRESS: expected host:port, got 'nowhere'"));
}

TEST(MetricsLoad, RefusesAnOpenAddressWithoutAKeyUnlessItIsMeant) {
  EXPECT_THAT(faults_with({{"VDM_METRICS_HOST", "0.0.0.0"}}),
              ElementsAre(HasSubstr("VDM_METRICS_HOST: '0.0.0.0' can be reached from elsewhere")));
  EXPECT_TRUE(faults_with({{"VDM_METRICS_HOST", "0.0.0.0"}, {"PROXY_API_KEY", "k"}}).empty());
  EXPECT_TRUE(faults_with({{"VDM_METRICS_HOST", "0.0.0.0"},
                           {"VDM_ALLOW_UNAUTHENTICATED", "yes-anyone-may-call"}})
                  .empty());
}

TEST(MetricsLoad, PrefersItsOwnKeyToTheProxys) {
  const auto loaded = load_with({{"PROXY_API_KEY", "proxy"}, {"VDM_METRICS_API_KEY", "own"}});

  EXPECT_EQ(std::get<Config>(loaded).access.key.reveal(), "own");
}

TEST(MetricsLoad, NeverShowsASecretItRefuses) {
  const auto faults =
      faults_with({{"PROXY_API_KEY", "can ary"}, {"VDM_METRICS_API_KEY", "can ary"}});

  EXPECT_THAT(faults, Contains(HasSubstr("VDM_METRICS_API_KEY")));
  for (const std::string& fault : faults) EXPECT_EQ(fault.find("ary"), std::string::npos) << fault;
}

TEST(MetricsExampleFile, LoadsAndIsTheDefaultConfiguration) {
  Flags flags;
  flags.config_file = Example;

  const auto loaded = load_with({}, flags);

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
  std::ifstream file(Example);
  std::string table;
  std::set<std::string> named;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('[')) table = line.substr(1, line.find(']') - 1);
    const std::string setting = line.starts_with('#') ? line.substr(1) : line;
    const auto equals = setting.find(" = ");
    if (equals != std::string::npos) named.insert(table + "." + setting.substr(0, equals));
  }

  for (const Knob& knob : knobs()) {
    EXPECT_TRUE(knob.toml.empty() || named.contains(std::string(knob.toml))) << knob.toml;
  }
}

}  // namespace
}  // namespace vdm::metrics
