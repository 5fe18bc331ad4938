#include "proxy-service/config/original_settings.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy-service/config/settings.h"
#include "tests/proxy-service/config/loaded.h"

namespace vdm::proxy::original_settings_test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

namespace fs = std::filesystem;

std::vector<std::string> variables(std::map<std::string, std::string> env,
                                   const std::vector<Provider>& providers = {}) {
  return original_variables(Env(std::move(env)), providers);
}

TEST(OriginalSettings, AreNamedWithWhatToUseInsteadAndNeverTheirValue) {
  const auto notices = variables({{"MAX_TOKENS_LIMIT", "canary"},
                                  {"THOUGHT_SIGNATURE_CACHE_TTL", "canary"},
                                  {"TOP_MODELS_SOURCE", "canary"},
                                  {"CACHE_DIR", "canary"},
                                  {"BIG_MODEL", "canary"},
                                  {"CUSTOM_HEADER_X_API_KEY", "canary"},
                                  {"CUSTOM_HEADER_USER_AGENT", "canary"}});

  EXPECT_THAT(notices, SizeIs(7));
  EXPECT_THAT(notices, Each(AllOf(HasSubstr("has no effect, unlike in the original; "),
                                  Not(HasSubstr("canary")))));
  EXPECT_THAT(variables({{"MAX_TOKENS_LIMIT", "1"}}),
              ElementsAre(HasSubstr("VDM_MODELS_FILE states output_tokens_max")));
  EXPECT_THAT(variables({{"CUSTOM_HEADER_X", "1"}}), ElementsAre(HasSubstr("CUSTOM_HEADER_X: ")));
}

TEST(OriginalSettings, OfAProviderAreNamedOnlyForOneThatIsConfigured) {
  const std::map<std::string, std::string> env{
      {"MY_OWN_MODELS_URL", "u"}, {"OTHERS_MODELS_URL", "u"}, {"MY_OWN_MODEL_PAGE", "u"}};

  EXPECT_THAT(variables(env, {Provider{.name = "my-own"}}),
              ElementsAre(HasSubstr("MY_OWN_MODELS_URL: "), HasSubstr("MY_OWN_MODEL_PAGE: ")));
}

TEST(OriginalSettings, AreNoneOfOurs) {
  ConfigDraft draft;
  std::map<std::string, std::string> ours;
  for (const auto& setting : settings_of(draft)) ours.emplace(setting.variable, "1");

  EXPECT_THAT(variables(ours), IsEmpty());
}

TEST(OriginalSettings, InFilesThatAreNotReadAreNamedByTheFile) {
  const fs::path folder = fs::path(testing::TempDir()) / "original-settings";
  fs::remove_all(folder);
  fs::create_directories(folder / ".config" / "vandamme-proxy");
  const Env env(std::map<std::string, std::string>{{"HOME", folder.string()}});
  EXPECT_THAT(original_files(env, folder.string()), IsEmpty());

  for (const char* name :
       {".env", "vandamme-config.toml", ".config/vandamme-proxy/vandamme-config.toml"}) {
    std::ofstream(folder / name) << "x";
  }
  const auto notices = original_files(env, folder.string());

  EXPECT_THAT(notices, ElementsAre(HasSubstr("/vandamme-config.toml: is not read"),
                                   HasSubstr("vandamme-proxy/vandamme-config.toml: is not read"),
                                   HasSubstr("/.env: is not read")));
  fs::remove_all(folder);
}

TEST(OriginalSettings, AreSaidOnceAtStart) {
  const Config config = config_with({{"MIN_TOKENS_LIMIT", "100"}});

  EXPECT_THAT(config.notices, ElementsAre(HasSubstr("MIN_TOKENS_LIMIT: has no effect")));
}

}  // namespace
}  // namespace vdm::proxy::original_settings_test
