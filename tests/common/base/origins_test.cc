#include "common/base/origins.h"

#include <gtest/gtest.h>

namespace vdm {
namespace {

TEST(Origins, TellsTheLastThatWasSaidOfASetting) {
  Origins origins;
  origins.set("PORT", "8082", "default");
  origins.set("HOST", "127.0.0.1", "default");

  origins.set("PORT", "9", origin_of("PORT", "PORT"));

  EXPECT_EQ(origins.text(), "HOST\t127.0.0.1\tdefault\nPORT\t9\tenvironment\n");
}

TEST(Origins, NeverHoldsAKeyOrAHeaderOfOnesOwn) {
  Origins origins;

  origins.set("OPENAI_API_KEY", "sk-secret", "environment");
  origins.set("OPENAI_CUSTOM_HEADER_X", "secret", "environment");
  origins.set("PROXY_API_KEY", "", "default");

  EXPECT_EQ(origins.text().find("secret"), std::string::npos);
  EXPECT_NE(origins.text().find("OPENAI_API_KEY\tset\tenvironment\n"), std::string::npos);
  EXPECT_NE(origins.text().find("PROXY_API_KEY\tunset\tdefault\n"), std::string::npos);
}

TEST(Origins, KeepsEachSettingOnOneLine) {
  Origins origins;

  origins.set("VDM_DATA_DIR", "a\tb\nc", "environment");

  EXPECT_EQ(origins.text(), "VDM_DATA_DIR\ta?b?c\tenvironment\n");
}

TEST(Origins, KnowsAFlagAVariableAndASettingOfTheFileByTheirKeys) {
  EXPECT_EQ(origin_of("--port", "PORT"), "flag --port");
  EXPECT_EQ(origin_of("PORT", "PORT"), "environment");
  EXPECT_EQ(origin_of("proxy.port", "PORT"), "file, proxy.port");
}

}  // namespace
}  // namespace vdm
