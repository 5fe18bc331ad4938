#include "proxy-service/config/changes.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy-service/config/load.h"
#include "proxy-service/config/settings.h"

namespace vdm::proxy::changes_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Config config_with(std::map<std::string, std::string> variables) {
  variables.emplace("OPENAI_API_KEY", "k");
  auto loaded = load({}, Env(std::move(variables)), {});
  if (const auto* faults = std::get_if<Faults>(&loaded)) {
    ADD_FAILURE() << testing::PrintToString(*faults);
    return {};
  }
  return std::get<Config>(std::move(loaded));
}

TEST(Changes, AreNoneBetweenEquals) {
  EXPECT_THAT(changes(config_with({}), config_with({})), IsEmpty());
}

/// Changed by something that the setting of that key may be, other than its default.
std::vector<std::string> names_changed_by(std::string_view key) {
  for (const char* text : {"7", "70", "7s", "7000", "70000", "true", "false", "DEBUG", "7.7.7.7",
                           "7.7.7.7:7", "https://other.example.com", "other", "always"}) {
    ConfigDraft draft;
    for (const settings::Setting& setting : settings_of(draft)) {
      if (setting.key != key) continue;
      const auto value = settings::parse(setting.rule, key, text);
      if (value) setting.place.put(*value);
    }
    auto names = changes({}, draft.config);
    if (!names.empty()) return names;
  }
  return {};
}

TEST(Changes, NameEverySettingThatAConfigurationHolds) {
  // What only decides whether others are valid is not kept.
  const std::set<std::string_view> not_kept{"proxy.allow-unauthenticated",
                                            "proxy.allow-http-upstream",
                                            // Each provider's is.
                                            "retry.key-affinity"};
  ConfigDraft draft;
  for (const settings::Setting& setting : settings_of(draft)) {
    if (setting.key.empty() || not_kept.contains(setting.key)) continue;
    const auto names = names_changed_by(setting.key);
    if (setting.key == "defaults.timeout") {
      EXPECT_THAT(names, ElementsAre("timeouts.first-byte", "timeouts.stream-idle"));
    } else {
      EXPECT_THAT(names, ElementsAre(std::string(setting.key)));
    }
  }
}

TEST(Changes, NameAProviderThatComesAndOneThatGoes) {
  const Config before = config_with({{"POE_API_KEY", "k"}});
  const Config after = config_with({{"GROQ_API_KEY", "k"}});

  EXPECT_THAT(changes(before, after), ElementsAre("[poe]", "[groq]"));
}

TEST(Changes, NameWhatIsOtherwiseAboutAProvider) {
  const Config before = config_with({});
  const auto changed_by = [&](std::map<std::string, std::string> variables) {
    return changes(before, config_with(std::move(variables)));
  };

  EXPECT_THAT(changed_by({{"OPENAI_BASE_URL", "https://a.example.com/v1"}}),
              ElementsAre("[openai] base-url"));
  EXPECT_THAT(changed_by({{"OPENAI_API_FORMAT", "anthropic"}}), Contains("[openai] api-format"));
  EXPECT_THAT(changed_by({{"OPENAI_MESSAGES_BASE_URL", "https://a.example.com"}}),
              ElementsAre("[openai] messages-base-url"));
  EXPECT_THAT(changed_by({{"OPENAI_CHAT_BASE_URL", "https://a.example.com/v1"}}),
              ElementsAre("[openai] base-url"))
      << "its first door";
  EXPECT_THAT(changed_by({{"OPENAI_RESPONSES_BASE_URL", "https://a.example.com/v1"}}),
              ElementsAre("[openai] responses-base-url"));
  EXPECT_THAT(changed_by({{"OPENAI_API_VERSION", "2"}}), ElementsAre("[openai] api-version"));
  EXPECT_THAT(changed_by({{"OPENAI_AUTH_MODE", "none"}}),
              ElementsAre("[openai] api-key", "[openai] auth-mode"));
  EXPECT_THAT(changed_by({{"OPENAI_CUSTOM_HEADER_X", "y"}}),
              ElementsAre("[openai] custom-headers"));
  EXPECT_THAT(changed_by({{"VDM_TLS_TIMEOUT", "7s"}}),
              ElementsAre("[anthropic] timeout", "[openai] timeout", "timeouts.tls"));
  EXPECT_THAT(
      changed_by({{"MAX_RETRIES", "1"}}),
      ElementsAre("[anthropic] max-retries", "[openai] max-retries", "defaults.max-retries"));
}

TEST(Changes, NeverShowASecret) {
  const Config before = config_with({{"PROXY_API_KEY", "canary1"}});
  const Config after = config_with({{"PROXY_API_KEY", "canary2"},
                                    {"OPENAI_API_KEY", "canary3"},
                                    {"OPENAI_CUSTOM_HEADER_X", "canary4"}});

  const auto names = changes(before, after);

  EXPECT_THAT(names, ElementsAre("[openai] api-key", "[openai] custom-headers", "proxy.api-key"));
}

TEST(Changes, NameAliasesAndProfiles) {
  Config before = config_with({{"OPENAI_ALIAS_A", "x"}, {"OPENAI_ALIAS_B", "x"}});
  Config after = config_with({{"OPENAI_ALIAS_A", "y"}, {"OPENAI_ALIAS_C", "x"}});
  after.aliases.profiles.push_back({.key = "profiles.top", .name = "top"});

  EXPECT_THAT(changes(before, after),
              ElementsAre("OPENAI_ALIAS_A", "OPENAI_ALIAS_B", "OPENAI_ALIAS_C", "profiles.top"));
}

}  // namespace
}  // namespace vdm::proxy::changes_test
