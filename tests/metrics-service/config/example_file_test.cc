#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "metrics-service/config/knobs.h"
#include "metrics-service/config/load.h"

namespace vdm::metrics {
namespace {

using Variables = std::map<std::string, std::string>;

constexpr const char* Example = VDM_SOURCE_DIR "/deploy/vandamme.example.toml";

std::variant<Config, Faults> load_with(Variables variables, Flags flags = {}) {
  return load(flags, Env(std::move(variables)), "/opt/vandamme/bin/vdm-metrics");
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
