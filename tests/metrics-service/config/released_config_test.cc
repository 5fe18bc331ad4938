#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics-service/config/load.h"
#include "tests/fakes/released.h"

namespace vdm::metrics::config_released_config_test {
namespace {

TEST(ReleasedConfiguration, LoadsInTheMetricsServiceWithEveryValueAsItWas) {
  for (const Release& release : releases(VDM_SOURCE_DIR "/tests/golden")) {
    SCOPED_TRACE(release.folder);
    CommandLine line;
    line.config_file = release.path("vandamme.toml");
    ValueSources sources;

    const auto loaded = load(line, Env(std::map<std::string, std::string>{}),
                             "/opt/vandamme/bin/vdm-metrics", sources);

    if (const auto* faults = std::get_if<Faults>(&loaded)) {
      FAIL() << ::testing::PrintToString(*faults);
    }
    std::vector<std::string> lines;
    std::istringstream text(sources.text());
    for (std::string shown; std::getline(text, shown);) lines.push_back(shown);
    for (const auto& expected : release.expected.at("settings").at("vdm-metrics").as_array()) {
      EXPECT_THAT(lines, ::testing::Contains(std::string(expected.as_string())));
    }
  }
}

}  // namespace
}  // namespace vdm::metrics::config_released_config_test
