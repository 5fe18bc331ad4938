#include "proxy-service/config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy-service/config/loaded.h"

namespace vdm::proxy::config_load_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

TEST(LoadFile, TellsAFaultOnOneLineWhateverTheFileHolds) {
  const Faults faults = faults_with({}, "[proxy]\nallow-x = fal\n[limits]\n");

  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].find('\n'), std::string::npos) << faults[0];
}

TEST(Load, StartsWithAnOpenAiKeyAloneAndDefaultsForAllElse) {
  Machine machine;
  machine.host_name = "box";
  machine.cores = 3;

  const Config config = config_with({}, "", {}, machine);

  EXPECT_EQ(config.listen, Listen{});
  EXPECT_EQ(config.timeouts, Timeouts{});
  EXPECT_EQ(config.limits, Limits{});
  EXPECT_EQ(config.proxy_name, "box");
  EXPECT_EQ(config.threads, 3u);
  EXPECT_TRUE(config.metrics.enabled);
  EXPECT_EQ(config.metrics.public_url, "http://127.0.0.1:8083");
  ASSERT_EQ(config.providers.size(), 2u);
  EXPECT_EQ(config.providers[0].name, "openai");
  EXPECT_TRUE(is_implied(config.providers[1]));
  EXPECT_THAT(config.notices, IsEmpty());
}

TEST(Load, LetsAFlagWinOverTheEnvironmentAndThatOverTheFile) {
  const std::string_view toml = "[proxy]\nport = 1\nhost = \"localhost\"\nthreads = 7\n";
  CommandLine line;
  line.values["--port"] = "3";

  const Config config = config_with({{"PORT", "2"}, {"HOST", "127.0.0.2"}}, toml, line);

  EXPECT_EQ(config.listen.port, 3);
  EXPECT_EQ(config.listen.host, "127.0.0.2");
  EXPECT_EQ(config.threads, 7u);
}

TEST(Load, ReportsEveryFaultWithItsKeyAndValue) {
  const auto faults = faults_with({{"PORT", "80x"},
                                   {"LOG_REQUEST_METRICS", "maybe"},
                                   {"VDM_HEADER_TIMEOUT", "0"},
                                   {"OPENAI_API_FORMAT", "soap"}},
                                  "[limits]\nbody-bytes = \"64MB\"\n");

  EXPECT_THAT(
      faults,
      UnorderedElementsAre(
          "PORT: expected 1..65535, got '80x'",
          "LOG_REQUEST_METRICS: expected true or false, got 'maybe'",
          "VDM_HEADER_TIMEOUT: expected a duration such as 0.5, 90s or 5m within 1ms..8784h, "
          "got '0'",
          "OPENAI_API_FORMAT: expected openai or anthropic, got 'soap'",
          "limits.body-bytes: expected a size such as 65536, 32KiB or 64MiB within 1KiB..2GiB, "
          "got '64MB'"));
}

TEST(Load, NamesTheFlagAtFault) {
  CommandLine line;
  line.values["--port"] = "0";

  EXPECT_THAT(faults_with({}, "", line), ElementsAre("--port: expected 1..65535, got '0'"));
}

TEST(Load, SuggestsWhatAnUnknownSettingMayMean) {
  EXPECT_THAT(faults_with({}, "[limits]\nbody-byte = 1\n"),
              ElementsAre("limits.body-byte: no such setting; did you mean limits.body-bytes?"));
  EXPECT_THAT(faults_with({}, "[limits]\nbody_bytes = 1\n"),
              ElementsAre("limits.body_bytes: no such setting; did you mean limits.body-bytes?"));
  EXPECT_THAT(faults_with({}, "[limit]\nbody-bytes = 1\n"),
              ElementsAre("[limit]: no such table; did you mean [limits]?"));
  EXPECT_THAT(faults_with({}, "[openai]\nbase-ur = \"https://a\"\n"),
              ElementsAre("openai.base-ur: no such setting; did you mean openai.base-url?"));
  EXPECT_THAT(faults_with({}, "[proxy]\nquite-something = 1\n"),
              ElementsAre("proxy.quite-something: no such setting"));
  EXPECT_THAT(faults_with({}, "port = 1\n"), ElementsAre(HasSubstr("port: no such setting")));
}

TEST(Load, NeverShowsASecretItRefuses) {
  const auto faults = faults_with({{"PROXY_API_KEY", "can ary"}, {"HOST", "0.0.0.0"}},
                                  "[poe]\napi-key = \"!PASSTHRU canary\"\n");

  EXPECT_THAT(faults, Contains(HasSubstr("PROXY_API_KEY")));
  EXPECT_THAT(faults, Contains(HasSubstr("[poe] api-key")));
  for (const std::string& fault : faults) EXPECT_EQ(fault.find("ary"), std::string::npos) << fault;
}

TEST(Load, SaysWhereAFileCannotBeParsed) {
  EXPECT_THAT(faults_with({}, "[proxy]\nport = \n"), ElementsAre(HasSubstr("line 2")));
}

TEST(Load, RefusesAFileThatIsAskedForAndNotThere) {
  CommandLine line;
  line.config_file = "/nonexistent/vandamme.toml";

  EXPECT_THAT(faults_with({}, "", line),
              ElementsAre("--config: cannot read '/nonexistent/vandamme.toml'"));
}

TEST(Load, RefusesAnAddressBeyondThisMachineWithoutAKey) {
  EXPECT_THAT(faults_with({{"HOST", "0.0.0.0"}}),
              ElementsAre(HasSubstr("VDM_ALLOW_UNAUTHENTICATED=yes-anyone-may-call")));
  EXPECT_THAT(faults_with({{"HOST", "0.0.0.0"}, {"VDM_ALLOW_UNAUTHENTICATED", "true"}}),
              Contains("VDM_ALLOW_UNAUTHENTICATED: expected yes-anyone-may-call, got 'true'"));

  config_with({{"HOST", "0.0.0.0"}, {"PROXY_API_KEY", "k"}});
  config_with({{"HOST", "0.0.0.0"}, {"VDM_ALLOW_UNAUTHENTICATED", "yes-anyone-may-call"}});
  config_with({{"HOST", "::1"}});
}

TEST(Load, RefusesToStartWithoutAProvider) {
  const auto loaded = load({}, Env(Variables{{"ANTHROPIC_AUTH_MODE", "key"}}), {});

  ASSERT_TRUE(std::holds_alternative<Faults>(loaded));
  EXPECT_THAT(std::get<Faults>(loaded), ElementsAre(HasSubstr("no provider")));
}

TEST(Load, StartsWithoutAnyKeyForClientsThatHaveALogin) {
  const auto loaded = load({}, Env(Variables{}), {});

  ASSERT_TRUE(std::holds_alternative<Config>(loaded));
  const Config& config = std::get<Config>(loaded);
  ASSERT_EQ(config.providers.size(), 1u);
  EXPECT_EQ(config.providers[0].name, "anthropic");
  EXPECT_EQ(config.providers[0].auth, AuthMode::ClientKey);
  EXPECT_THAT(
      config.notices,
      ElementsAre(HasSubstr("no provider has a key: anthropic takes clients with a login")));
}

TEST(Load, RefusesADefaultProviderThatIsNone) {
  EXPECT_THAT(
      faults_with({{"VDM_DEFAULT_PROVIDER", "opneai"}, {"POE_API_KEY", "k"}}),
      ElementsAre("VDM_DEFAULT_PROVIDER: expected one of openai, poe, anthropic, got 'opneai'"));
}

TEST(Load, AllowsAProviderThatTakesTheClientsKeyBesideAKeyOfTheProxy) {
  const Config config = config_with({{"PROXY_API_KEY", "k"}, {"POE_API_KEY", "!PASSTHRU"}});

  EXPECT_EQ(config.providers.at(1).auth, AuthMode::ClientKey);
}

TEST(Load, KeepsTheMeaningOfTheOriginalsTimeouts) {
  const Config all = config_with({{"REQUEST_TIMEOUT", "90"}});
  const Config some = config_with({{"REQUEST_TIMEOUT", "90"},
                                   {"STREAMING_READ_TIMEOUT_SECONDS", "20"},
                                   {"STREAMING_CONNECT_TIMEOUT_SECONDS", "3"},
                                   {"VDM_FIRST_BYTE_TIMEOUT", "5m"}});

  EXPECT_EQ(all.timeouts.upstream.first_byte, 90s);
  EXPECT_EQ(all.timeouts.upstream.stream_idle, 90s);
  EXPECT_EQ(all.providers.at(0).timeouts, all.timeouts.upstream);
  EXPECT_EQ(some.timeouts.upstream.first_byte, 5min);
  EXPECT_EQ(some.timeouts.upstream.stream_idle, 20s);
  EXPECT_EQ(some.timeouts.upstream.connect, 3s);
}

TEST(Load, GivesAProviderItsOwnTimeoutUnlessTheEnvironmentHasOne) {
  const std::string_view toml = "[openai]\ntimeout = 12\n";

  EXPECT_EQ(config_with({}, toml).providers.at(0).timeouts.first_byte, 12s);
  EXPECT_EQ(config_with({{"REQUEST_TIMEOUT", "90"}}, toml).providers.at(0).timeouts.first_byte,
            90s);
}

TEST(Load, ReadsProvidersOfBothKindsOfTables) {
  const Config config = config_with({}, R"(
[providers.mine]
base-url = "https://mine.example.com/v1"
api-key = ["k1", "k2"]
custom-headers = { X-Team = "blue" }

[local]
base-url = "http://localhost:11434/v1"
auth-mode = "none"
)");

  ASSERT_EQ(config.providers.size(), 4u);
  EXPECT_EQ(config.providers[0].name, "local");
  EXPECT_EQ(config.providers[1].name, "mine");
  EXPECT_EQ(config.providers[1].keys.size(), 2u);
  EXPECT_THAT(config.providers[1].custom_headers, ElementsAre(std::pair("X-Team", "blue")));
}

TEST(Load, ReadsAProvidersDoorsFromTheFileAndTheEnvironment) {
  const std::string_view toml = R"(
[mine]
api-key = "k"
chat-base-url = "https://mine.example.com/v1"
messages-base-url = "https://mine.example.com/anthropic"
responses-base-url = "https://mine.example.com/v1"
)";
  const auto doors = [](const Config& config) {
    std::vector<std::string> urls;
    for (const Provider& provider : config.providers) {
      if (provider.name != "mine") continue;
      for (const Door& door : provider.doors) urls.push_back(url_text(door.base_url));
    }
    return urls;
  };

  const Config from_file = config_with({}, toml);
  EXPECT_THAT(doors(from_file),
              ElementsAre("https://mine.example.com/v1", "https://mine.example.com/anthropic"));
  EXPECT_THAT(from_file.notices,
              Contains("[mine] responses-base-url: is kept; no request uses it yet"));
  EXPECT_THAT(doors(config_with({{"MINE_MESSAGES_BASE_URL", "https://env.example.com"}}, toml)),
              ElementsAre("https://mine.example.com/v1", "https://env.example.com"));
  EXPECT_THAT(faults_with({{"MINE_CHAT_BASE_URL", "env.example.com"}}, toml),
              ElementsAre("MINE_CHAT_BASE_URL: expected a URL such as https://api.example.com/v1, "
                          "got 'env.example.com'"));
  EXPECT_THAT(faults_with({}, "[openai]\nmessages-base-url = \"x\"\n"),
              ElementsAre("[openai] messages-base-url: expected a URL such as "
                          "https://api.example.com/v1, got 'x'"));
  EXPECT_THAT(faults_with({}, "[openai]\nmessage-base-url = \"https://x\"\n"),
              ElementsAre("openai.message-base-url: no such setting; did you mean "
                          "openai.messages-base-url?"));
}

TEST(Load, SaysWhichSettingsOfTheOriginalHaveNoEffect) {
  const Config config = config_with({}, R"(
[defaults]
default-provider = "openai"
timeout = 30
[openai]
models-url = "https://platform.openai.com/docs/models"
tool-name-sanitization = true
)");

  EXPECT_EQ(config.default_provider, "openai");
  EXPECT_EQ(config.timeouts.upstream.first_byte, 30s);
  EXPECT_EQ(config.notices.size(), 2u);
  EXPECT_THAT(config.notices, Contains(HasSubstr("openai.models-url: has no effect, unlike in the "
                                                 "original; the dashboard links")));
}

TEST(Load, LeavesTheMetricsServicesTableToIt) { config_with({}, "[metrics]\nanything = 1\n"); }

TEST(Load, KeepsLimitsWithinWhatTheMachineHas) {
  Machine machine;
  machine.memory_bytes = 512 * MiB;
  machine.files_max = 1024;

  const Config config = config_with({}, "", {}, machine);

  EXPECT_EQ(config.limits.all_bodies_bytes_max, 256 * MiB);
  EXPECT_EQ(config.limits.connections_max, 512u);
  EXPECT_THAT(config.notices, ElementsAre(HasSubstr("limits.connections: 512")));
}

TEST(Load, RefusesABudgetSmallerThanOneBody) {
  EXPECT_THAT(faults_with({{"VDM_ALL_BODIES_BYTES_MAX", "1MiB"}}),
              ElementsAre(HasSubstr("VDM_ALL_BODIES_BYTES_MAX: expected at least")));
}

TEST(Load, FindsTheDashboardWhereTheMetricsServiceListens) {
  const auto url = [](Variables variables) {
    return config_with(std::move(variables)).metrics.public_url;
  };

  EXPECT_EQ(url({{"VDM_METRICS_HOST", "0.0.0.0"}, {"VDM_METRICS_PORT", "9"}}),
            "http://127.0.0.1:9");
  EXPECT_EQ(url({{"VDM_METRICS_HOST", "::1"}}), "http://[::1]:8083");
  EXPECT_EQ(url({{"VDM_METRICS_PUBLIC_URL", "https://a.example.com/"}}), "https://a.example.com");
  EXPECT_THAT(faults_with({{"VDM_METRICS_PUBLIC_URL", "javascript:x"}}),
              ElementsAre(HasSubstr("VDM_METRICS_PUBLIC_URL")));
}

TEST(Load, ReadsHostNamesSeparatedByCommas) {
  EXPECT_THAT(
      config_with({{"VDM_ALLOWED_HOSTS", "Proxy, edge,,a.example.com"}}).access.allowed_hosts,
      ElementsAre("proxy", "edge", "a.example.com"));
  EXPECT_THAT(faults_with({{"VDM_ALLOWED_HOSTS", "*"}}),
              ElementsAre(HasSubstr("VDM_ALLOWED_HOSTS: expected host names")));
}

TEST(ParseCommandLine, AnswersHelpVersionAndNonsense) {
  const char* version[] = {"vdm-proxy", "--version"};
  const char* help[] = {"vdm-proxy", "--help"};
  const char* nonsense[] = {"vdm-proxy", "--prot", "1"};

  const auto said = std::get<EarlyExit>(parse_command_line(2, version));
  const auto refused = std::get<EarlyExit>(parse_command_line(3, nonsense));

  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.text, testing::MatchesRegex("vdm-proxy [0-9.]+ \\(commit [0-9a-z]+\\)\n"));
  EXPECT_THAT(std::get<EarlyExit>(parse_command_line(2, help)).text, HasSubstr("--check-config"));
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.text, HasSubstr("--prot"));
}

TEST(LoadOrExplain, ShowsTheConfigurationWithoutItsSecrets) {
  const char* arguments[] = {"vdm-proxy", "--check-config"};
  const Env env({{"OPENAI_API_KEY", "canary1 canary2"}, {"PROXY_API_KEY", "canary3"}});

  const auto start = load_or_explain(2, arguments, env);

  const auto& exit = std::get<EarlyExit>(start);
  EXPECT_EQ(exit.status, 0);
  EXPECT_THAT(exit.text, HasSubstr("provider openai: openai at https://api.openai.com/v1, 2 keys"));
  EXPECT_EQ(exit.text.find("canary"), std::string::npos);
}

TEST(LoadOrExplain, ShowsWhereEachSettingCameFromAndNoKey) {
  const char* arguments[] = {"vdm-proxy", "--show-config", "--port", "9000"};
  const Env env({{"OPENAI_API_KEY", "canary1"}, {"HOST", "::1"}, {"PROXY_API_KEY", "canary2"}});

  const auto start = load_or_explain(4, arguments, env);

  const auto& exit = std::get<EarlyExit>(start);
  EXPECT_EQ(exit.status, 0);
  for (const char* line :
       {"PORT\t9000\tflag --port\n", "HOST\t::1\tenvironment\n", "LOG_LEVEL\tINFO\tdefault\n",
        "PROXY_API_KEY\tset\tenvironment\n", "OPENAI_API_KEY\tset\tenvironment\n",
        "OPENAI_BASE_URL\thttps://api.openai.com/v1\tdefault\n"}) {
    EXPECT_THAT(exit.settings, HasSubstr(line));
  }
  EXPECT_EQ(exit.settings.find("canary"), std::string::npos);
}

TEST(LoadOrExplain, ShowsEveryDoorAndWhereItsAddressCameFrom) {
  const Env env({{"OPENROUTER_API_KEY", "k"},
                 {"OPENAI_API_KEY", "k"},
                 {"OPENROUTER_MESSAGES_BASE_URL", "https://m.example.com"},
                 {"OPENROUTER_RESPONSES_BASE_URL", "https://r.example.com/v1"}});
  const char* check[] = {"vdm-proxy", "--check-config"};
  const char* show[] = {"vdm-proxy", "--show-config"};

  const auto checked = load_or_explain(2, check, env);
  const auto shown = load_or_explain(2, show, env);

  EXPECT_THAT(std::get<EarlyExit>(checked).text,
              HasSubstr("provider openrouter: openai at https://openrouter.ai/api/v1, anthropic at "
                        "https://m.example.com, 1 key\n"));
  const std::string& settings = std::get<EarlyExit>(shown).settings;
  for (const char* line :
       {"OPENROUTER_BASE_URL\thttps://openrouter.ai/api/v1\tdefault\n",
        "OPENROUTER_CHAT_BASE_URL\thttps://openrouter.ai/api/v1\tdefault\n",
        "OPENROUTER_MESSAGES_BASE_URL\thttps://m.example.com\tenvironment\n",
        "OPENROUTER_RESPONSES_BASE_URL\thttps://r.example.com/v1\tenvironment\n"}) {
    EXPECT_THAT(settings, HasSubstr(line));
  }
  EXPECT_EQ(settings.find("OPENAI_CHAT_BASE_URL"), std::string::npos) << "it has one door";
}

TEST(LoadOrExplain, ShowsTheSettingsInSpiteOfFaults) {
  const char* arguments[] = {"vdm-proxy", "--show-config"};
  const std::map<std::string, std::string> variables{{"PORT", "8090"},
                                                     {"ANTHROPIC_AUTH_MODE", "key"}};

  const auto start = load_or_explain(2, arguments, Env(variables));

  const auto& exit = std::get<EarlyExit>(start);
  EXPECT_EQ(exit.status, 2);
  EXPECT_THAT(exit.text, HasSubstr("no provider"));
  EXPECT_THAT(exit.settings, HasSubstr("PORT\t8090\tenvironment\n"));
}

TEST(LoadOrExplain, PutsEachFaultOnALineOfItsOwn) {
  const char* arguments[] = {"vdm-proxy", "--port", "x"};
  const Env env({{"OPENAI_API_KEY", "k"}, {"HOST", "0.0.0.0"}});

  const auto start = load_or_explain(3, arguments, env);

  const auto& exit = std::get<EarlyExit>(start);
  EXPECT_EQ(exit.status, 2);
  EXPECT_THAT(exit.text,
              HasSubstr("vdm-proxy: --port: expected 1..65535, got 'x'\nvdm-proxy: HOST"));
}

}  // namespace
}  // namespace vdm::proxy::config_load_test
