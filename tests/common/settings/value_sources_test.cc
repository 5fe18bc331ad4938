#include "common/settings/value_sources.h"

#include <gtest/gtest.h>

namespace vdm::settings::value_sources_test {
namespace {

TEST(ValueSources, TellsTheLastThatWasSaidOfASetting) {
  ValueSources sources;
  sources.set("PORT", "8082", "default");
  sources.set("HOST", "127.0.0.1", "default");

  sources.set("PORT", "9", source_of("PORT", "PORT"));

  EXPECT_EQ(sources.text(), "HOST\t127.0.0.1\tdefault\nPORT\t9\tenvironment\n");
}

TEST(ValueSources, NeverHoldsAKeyOrAHeaderOfOnesOwn) {
  ValueSources sources;

  sources.set("OPENAI_API_KEY", "sk-secret", "environment");
  sources.set("OPENAI_CUSTOM_HEADER_X", "secret", "environment");
  sources.set("PROXY_API_KEY", "", "default");

  EXPECT_EQ(sources.text().find("secret"), std::string::npos);
  EXPECT_NE(sources.text().find("OPENAI_API_KEY\tset\tenvironment\n"), std::string::npos);
  EXPECT_NE(sources.text().find("PROXY_API_KEY\tunset\tdefault\n"), std::string::npos);
}

TEST(ValueSources, KeepsEachSettingOnOneLine) {
  ValueSources sources;

  sources.set("VDM_DATA_DIR", "a\tb\nc", "environment");

  EXPECT_EQ(sources.text(), "VDM_DATA_DIR\ta?b?c\tenvironment\n");
}

TEST(ValueSources, KnowsAFlagAVariableAndASettingOfTheFileByTheirKeys) {
  EXPECT_EQ(source_of("--port", "PORT"), "flag --port");
  EXPECT_EQ(source_of("PORT", "PORT"), "environment");
  EXPECT_EQ(source_of("proxy.port", "PORT"), "file, proxy.port");
}

}  // namespace
}  // namespace vdm::settings::value_sources_test
