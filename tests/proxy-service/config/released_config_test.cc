#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy-service/config/load.h"
#include "tests/fakes/released.h"

namespace vdm::proxy {
namespace {

TEST(ReleasedConfiguration, LoadsInTheProxyWithEveryValueAsItWas) {
  for (const Release& release : releases(VDM_SOURCE_DIR "/tests/golden")) {
    SCOPED_TRACE(release.folder);
    Flags flags;
    flags.config_file = release.path("vandamme.toml");
    Origins origins;

    const auto loaded = load(flags, Env(std::map<std::string, std::string>{}), Machine{}, origins);

    if (const auto* faults = std::get_if<Faults>(&loaded)) {
      FAIL() << ::testing::PrintToString(*faults);
    }
    std::vector<std::string> lines;
    std::istringstream text(origins.text());
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    for (const auto& line : release.expected.at("settings").at("vdm-proxy").as_array()) {
      EXPECT_THAT(lines, ::testing::Contains(std::string(line.as_string())));
    }
  }
}

}  // namespace
}  // namespace vdm::proxy
