#include "proxy-service/routing/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::proxy::discovery_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

Discovery discover(std::map<std::string, std::string> variables,
                   std::vector<ProviderTable> tables = {}, DiscoveryOptions options = {}) {
  return discover_providers(Env(std::move(variables)), tables, options);
}

std::vector<std::string> names(const Discovery& found) {
  std::vector<std::string> result;
  for (const Provider& provider : found.providers) result.push_back(provider.name);
  return result;
}

TEST(Discovery, NeedsNothingButAKeyForAWellKnownProvider) {
  const auto found = discover({{"OPENAI_API_KEY", "sk-1"}});

  ASSERT_THAT(names(found), ElementsAre("openai"));
  const Provider& openai = found.providers[0];
  EXPECT_EQ(openai.doors.front().base_url.authority, "api.openai.com");
  EXPECT_EQ(openai.doors.front().base_url.path_prefix, "/v1");
  EXPECT_EQ(openai.doors.front().dialect, Dialect::OpenAi);
  EXPECT_EQ(openai.keys.at(0).reveal(), "sk-1");
  EXPECT_THAT(found.faults, IsEmpty());
}

TEST(Discovery, KnowsTheDialectOfAnthropic) {
  const auto found = discover({{"ANTHROPIC_API_KEY", "k"}});

  ASSERT_THAT(names(found), ElementsAre("anthropic"));
  EXPECT_EQ(found.providers[0].doors.front().dialect, Dialect::Anthropic);
  EXPECT_EQ(upstream_target(found.providers[0].doors.front(), Endpoint::Completion),
            "/v1/messages");
}

TEST(Discovery, NeverTakesOurOwnKeysForAProvider) {
  const auto found = discover({{"PROXY_API_KEY", "k"},
                               {"VDM_METRICS_API_KEY", "k"},
                               {"CUSTOM_API_KEY", "k"},
                               {"CUSTOM_HEADER_API_KEY", "k"},
                               {"_API_KEY", "k"}});

  EXPECT_THAT(names(found), IsEmpty());
  EXPECT_THAT(found.notices, IsEmpty());
}

TEST(Discovery, SaysWhatIsMissingForAKeyOfAnUnknownProvider) {
  const auto found = discover({{"GITHUB_API_KEY", "k"}});

  EXPECT_THAT(names(found), IsEmpty());
  EXPECT_THAT(found.faults, IsEmpty());
  EXPECT_THAT(found.notices, ElementsAre(HasSubstr("GITHUB_BASE_URL")));
}

TEST(Discovery, ReadsAProviderOfOnesOwnFromTheEnvironment) {
  const auto found = discover({{"MINE_API_KEY", "k"},
                               {"MINE_BASE_URL", "http://127.0.0.1:8084/"},
                               {"MINE_API_FORMAT", "Anthropic"},
                               {"MINE_CUSTOM_HEADER_X_TEAM_ID", "blue"}});

  ASSERT_THAT(names(found), ElementsAre("mine"));
  const Provider& mine = found.providers[0];
  EXPECT_EQ(mine.doors.front().dialect, Dialect::Anthropic);
  EXPECT_EQ(mine.doors.front().base_url.port, 8084);
  EXPECT_THAT(mine.custom_headers, ElementsAre(std::pair("X-TEAM-ID", "blue")));
}

TEST(Discovery, TakesKeysApartAndDropsDuplicates) {
  const auto found = discover({{"OPENAI_API_KEY", " k1 k2\tk1\n k2 "}});

  ASSERT_EQ(found.providers.size(), 1u);
  ASSERT_EQ(found.providers[0].keys.size(), 2u);
  EXPECT_EQ(found.providers[0].keys[0].reveal(), "k1");
  EXPECT_EQ(found.providers[0].keys[1].reveal(), "k2");
}

TEST(Discovery, ReadsFurtherKeysByNumber) {
  const auto found = discover({{"OPENAI_API_KEY", "k1,k2"},
                               {"OPENAI_API_KEY_10", "k10"},
                               {"OPENAI_API_KEY_2", "k3 k1"},
                               {"OPENAI_API_KEY_FILE", "not-a-key"}});

  std::vector<std::string> keys;
  for (const Secret& key : found.providers.at(0).keys) keys.emplace_back(key.reveal());
  EXPECT_THAT(keys, ElementsAre("k1", "k2", "k3", "k10"));
}

TEST(Discovery, RefusesMoreKeysThanARingHas) {
  std::string keys;
  for (int i = 0; i < 65; ++i) keys += "key" + std::to_string(i) + " ";

  EXPECT_THAT(discover({{"OPENAI_API_KEY", keys}}).faults,
              ElementsAre("OPENAI_API_KEY: expected at most 64 keys, got '65'"));
}

TEST(Discovery, ReadsAzuresApiVersion) {
  const auto found = discover({{"OPENAI_API_KEY", "k"}, {"OPENAI_API_VERSION", "2024-10-21"}});

  EXPECT_EQ(found.providers.at(0).api_version, "2024-10-21");
  EXPECT_THAT(discover({{"OPENAI_API_KEY", "k"}, {"OPENAI_API_VERSION", "1&x=2"}}).faults,
              ElementsAre("OPENAI_API_VERSION: expected a version such as 2024-10-21, "
                          "got '1&x=2'"));
}

TEST(Discovery, GivesATablesRetriesUnlessTheEnvironmentHasThem) {
  ProviderTable table{.name = "openai"};
  table.retries_max = 5;

  const auto own = discover({{"OPENAI_API_KEY", "k"}}, {table});
  const auto overridden =
      discover({{"OPENAI_API_KEY", "k"}}, {table}, {.retries_max = 1, .retries_from_env = true});

  EXPECT_EQ(own.providers.at(0).retries_max, 5u);
  EXPECT_EQ(overridden.providers.at(0).retries_max, 1u);
}

TEST(Discovery, TakesAProvidersOwnKeyAffinityBeforeTheOneForAll) {
  ProviderTable table{.name = "openai"};
  table.key_affinity = "none";
  const DiscoveryOptions none{.key_affinity = Affinity::None};

  const auto affinity = [](const Discovery& found) { return found.providers.at(0).key_affinity; };
  EXPECT_EQ(affinity(discover({{"OPENAI_API_KEY", "k"}})), Affinity::Session);
  EXPECT_EQ(affinity(discover({{"OPENAI_API_KEY", "k"}}, {}, none)), Affinity::None);
  EXPECT_EQ(affinity(discover({{"OPENAI_API_KEY", "k"}}, {table})), Affinity::None);
  EXPECT_EQ(affinity(discover({{"OPENAI_API_KEY", "k"}, {"OPENAI_KEY_AFFINITY", "Session"}},
                              {table}, none)),
            Affinity::Session);
  EXPECT_THAT(discover({{"OPENAI_API_KEY", "k"}, {"OPENAI_KEY_AFFINITY", "user"}}).faults,
              ElementsAre("OPENAI_KEY_AFFINITY: expected session or none, got 'user'"));
}

TEST(Discovery, ImpliesAProviderForItsSubscribersUnlessASettingAsksForOne) {
  const auto implied = [](const Discovery& found) {
    std::vector<std::string> result;
    for (const Provider& provider : found.implied) result.push_back(provider.name);
    return result;
  };
  const auto found = discover({{"OPENAI_API_KEY", "k"}});
  ASSERT_THAT(implied(found), ElementsAre("anthropic"));
  EXPECT_THAT(names(found), ElementsAre("openai"));
  EXPECT_EQ(found.implied[0].auth, AuthMode::ClientKey);
  EXPECT_EQ(found.implied[0].implied_for, "sk-ant-");
  EXPECT_EQ(found.implied[0].doors.front().base_url.authority, "api.anthropic.com");

  EXPECT_THAT(implied(discover({})), ElementsAre("anthropic"));
  EXPECT_THAT(implied(discover({{"ANTHROPIC_API_KEY", "k"}})), IsEmpty());
  EXPECT_THAT(implied(discover({{"ANTHROPIC_API_KEY", "!PASSTHRU"}})), IsEmpty());
  EXPECT_THAT(implied(discover({{"ANTHROPIC_AUTH_MODE", "key"}})), IsEmpty());
  EXPECT_THAT(implied(discover({{"MINE_API_KEY", "!PASSTHRU"},
                                {"MINE_BASE_URL", "https://mine.example.com"},
                                {"MINE_API_FORMAT", "anthropic"}})),
              IsEmpty());
  EXPECT_THAT(implied(discover({{"OPENAI_API_KEY", "!PASSTHRU"}})), ElementsAre("anthropic"));
}

TEST(Discovery, TakesAnImpliedProvidersAddressFromItsSettingsButNoFaultOfThem) {
  ProviderTable table{.name = "anthropic"};
  table.base_url = "https://mirror.example.com";

  EXPECT_EQ(discover({}, {table}).implied.at(0).doors.front().base_url.host, "mirror.example.com");
  const auto found = discover({{"ANTHROPIC_BASE_URL", "http://gateway.example.com"}});
  EXPECT_THAT(found.implied, IsEmpty());
  EXPECT_THAT(found.faults, IsEmpty());
  EXPECT_THAT(found.notices, ElementsAre(HasSubstr("ANTHROPIC_BASE_URL: expected https")));
}

TEST(Discovery, LetsNoProviderBeTheProxyItself) {
  const DiscoveryOptions here{.own = {"127.0.0.1", 8082}};
  const DiscoveryOptions everywhere{.own = {"0.0.0.0", 8082}};
  const std::map<std::string, std::string> shell{{"ANTHROPIC_API_KEY", "k"},
                                                 {"ANTHROPIC_BASE_URL", "http://localhost:8082"}};

  for (const DiscoveryOptions& options : {here, everywhere}) {
    const auto found = discover(shell, {}, options);
    EXPECT_EQ(found.providers.at(0).doors.front().base_url.host, "api.anthropic.com");
    EXPECT_THAT(found.notices, ElementsAre(HasSubstr("leads back to this proxy")));
  }
  EXPECT_EQ(
      discover(shell, {}, {.own = {"127.0.0.1", 8083}}).providers.at(0).doors.front().base_url.port,
      8082);
  EXPECT_THAT(
      discover({{"MINE_API_KEY", "k"}, {"MINE_BASE_URL", "http://127.0.0.1:8082/v1"}}, {}, here)
          .faults,
      ElementsAre("MINE_BASE_URL: leads back to this proxy"));
}

TEST(Discovery, PassesTheClientsKeyOnlyWhenNoKeyIsGiven) {
  EXPECT_EQ(discover({{"OPENAI_API_KEY", "!PASSTHRU"}}).providers.at(0).auth, AuthMode::ClientKey);

  const auto mixed = discover({{"OPENAI_API_KEY", "!PASSTHRU canary"}});
  EXPECT_THAT(mixed.faults, ElementsAre(HasSubstr("OPENAI_API_KEY")));
}

TEST(Discovery, NeverShowsAKeyInAFault) {
  for (const char* keys : {"!PASSTHRU canary",
                           "can\x01"
                           "ary",
                           "!OAUTH canary"}) {
    const auto found = discover({{"OPENAI_API_KEY", keys}});

    ASSERT_EQ(found.faults.size(), 1u);
    EXPECT_EQ(found.faults[0].find("ary"), std::string::npos) << found.faults[0];
  }
}

TEST(Discovery, RefusesAnUnknownFormat) {
  const auto found = discover({{"OPENAI_API_KEY", "k"}, {"OPENAI_API_FORMAT", "opneai"}});

  EXPECT_THAT(found.faults,
              ElementsAre("OPENAI_API_FORMAT: expected openai or anthropic, got 'opneai'"));
  EXPECT_THAT(names(found), IsEmpty());
}

TEST(Discovery, LetsTheEnvironmentWinOverTheFile) {
  ProviderTable table{.name = "openai"};
  table.base_url = "https://file.example.com/v1";
  table.api_key = "from-file";

  const auto found = discover({{"OPENAI_BASE_URL", "https://env.example.com/v1"}}, {table});

  ASSERT_THAT(names(found), ElementsAre("openai"));
  EXPECT_EQ(found.providers[0].doors.front().base_url.host, "env.example.com");
  EXPECT_EQ(found.providers[0].keys.at(0).reveal(), "from-file");
}

TEST(Discovery, NamesTheTableAtFault) {
  ProviderTable table{.name = "mine"};
  table.api_key = "k";
  table.base_url = "mine.example.com";

  const auto found = discover({}, {table});

  EXPECT_THAT(found.faults, ElementsAre(HasSubstr("[mine] base-url: expected a URL")));
}

TEST(Discovery, JoinsATableWithADashAndItsEnvironmentNames) {
  ProviderTable table{.name = "my-own"};
  table.base_url = "https://a.example.com";

  const auto found = discover({{"MY_OWN_API_KEY", "k"}}, {table});

  EXPECT_THAT(names(found), ElementsAre("my-own"));
}

TEST(Discovery, NeedsNoKeyForAServerOfOnesOwn) {
  ProviderTable table{.name = "local"};
  table.base_url = "http://localhost:11434/v1";
  table.auth_mode = "none";

  const auto found = discover({}, {table});

  ASSERT_THAT(names(found), ElementsAre("local"));
  EXPECT_EQ(found.providers[0].auth, AuthMode::None);
}

TEST(Discovery, ForgivesAnAnthropicBaseThatEndsWithV1) {
  const auto found =
      discover({{"ANTHROPIC_API_KEY", "k"}, {"ANTHROPIC_BASE_URL", "https://a.example.com/v1/"}});

  EXPECT_EQ(upstream_target(found.providers.at(0).doors.front(), Endpoint::Completion),
            "/v1/messages");
}

TEST(Discovery, RefusesHeadersThatAreNotForConfigurationToSet) {
  for (const char* name : {"HOST", "CONTENT_LENGTH", "TRANSFER_ENCODING", "CONNECTION",
                           "AUTHORIZATION", "X_API_KEY"}) {
    const auto found = discover(
        {{"OPENAI_API_KEY", "k"}, {std::string("OPENAI_CUSTOM_HEADER_") + name, "canary"}});

    ASSERT_EQ(found.faults.size(), 1u) << name;
    EXPECT_EQ(found.faults[0].find("canary"), std::string::npos);
  }
}

TEST(Discovery, RefusesAHeaderValueThatCouldEndTheLine) {
  const auto found = discover({{"OPENAI_API_KEY", "k"}, {"OPENAI_CUSTOM_HEADER_A", "x\r\nB: y"}});

  EXPECT_EQ(found.faults.size(), 1u);
}

TEST(Discovery, GivesATablesTimeoutUnlessTheEnvironmentHasOne) {
  ProviderTable table{.name = "openai"};
  table.timeout = 42s;

  const auto own = discover({{"OPENAI_API_KEY", "k"}}, {table});
  const auto overridden = discover({{"OPENAI_API_KEY", "k"}}, {table}, {.timeout_from_env = true});

  EXPECT_EQ(own.providers.at(0).timeouts.first_byte, 42s);
  EXPECT_EQ(overridden.providers.at(0).timeouts.first_byte, 600s);
}

}  // namespace
}  // namespace vdm::proxy::discovery_test
