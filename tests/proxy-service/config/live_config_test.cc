#include "proxy-service/config/live_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy-service/config/loaded.h"

namespace vdm::proxy::live_config_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class LiveConfigTest : public ::testing::Test {
 protected:
  explicit LiveConfigTest(std::string_view text = "[timeouts]\nconnect = 1\n")
      : file_(text), live_(made()) {}

  LiveConfig made() {
    CommandLine line;
    line.config_file = file_.path();
    const Env env(Variables{{"OPENAI_API_KEY", "k"}});
    return {line, env, {}, std::get<Config>(load(line, env, {}))};
  }

  File file_;
  LiveConfig live_;
};

TEST_F(LiveConfigTest, TakesWhatIsValidAndNamesWhatChanged) {
  file_.write("[timeouts]\nconnect = 22\n[openai.aliases]\na = \"b\"\n");

  const LiveConfig::Outcome outcome = live_.reload();

  EXPECT_THAT(outcome.faults, IsEmpty());
  EXPECT_THAT(outcome.changed, ElementsAre("[anthropic] timeout", "[openai] timeout",
                                           "openai.aliases.a", "timeouts.connect"));
  EXPECT_EQ(live_.running().timeouts.upstream.connect, std::chrono::seconds(22));
}

TEST_F(LiveConfigTest, KeepsTheLastGoodOneAndSaysWhatIsWrong) {
  file_.write("[timeouts]\nconnect = \"soon\"\ntls = 7\n");

  const LiveConfig::Outcome outcome = live_.reload();

  EXPECT_THAT(outcome.faults, ElementsAre(HasSubstr("timeouts.connect")));
  EXPECT_EQ(live_.running().timeouts.upstream.connect, std::chrono::seconds(1));
  EXPECT_EQ(live_.running().timeouts.upstream.tls, UpstreamTimeouts{}.tls);
}

TEST_F(LiveConfigTest, NamesWhatWaitsForARestartAndTakesTheRest) {
  file_.write("[proxy]\nport = 9999\nthreads = 7\n[timeouts]\nconnect = 1\ntls = 7\n");

  const LiveConfig::Outcome outcome = live_.reload();

  EXPECT_THAT(outcome.restart, ElementsAre("proxy.port", "proxy.threads"));
  EXPECT_THAT(outcome.changed,
              ElementsAre("[anthropic] timeout", "[openai] timeout", "timeouts.tls"));
  EXPECT_EQ(live_.running().listen, Listen{});
}

TEST_F(LiveConfigTest, SeesAFileThatHasChangedOnceItStaysAsItIs) {
  EXPECT_FALSE(live_.file_has_changed());
  file_.write("[timeouts]\nconnect = 333\n");

  EXPECT_FALSE(live_.file_has_changed()) << "it may be half written";
  EXPECT_TRUE(live_.file_has_changed());
  live_.reload();
  EXPECT_FALSE(live_.file_has_changed());
}

// Who may call: a reload opens nothing that was shut.

constexpr std::string_view Shut =
    "[proxy]\napi-key = \"canary-key\"\nallowed-hosts = [\"a.example\"]\n"
    "allowed-origins = [\"https://a.example\"]\n[timeouts]\nconnect = 1\n";

class ShutConfigTest : public LiveConfigTest {
 protected:
  ShutConfigTest() : LiveConfigTest(Shut) {}
  /// The faults of a reload after which all is as it was.
  Faults faults_of(std::string_view text) {
    file_.write(text);
    LiveConfig::Outcome outcome = live_.reload();
    EXPECT_EQ(live_.running().access.proxy_api_key.reveal(), "canary-key");
    EXPECT_THAT(live_.running().access.allowed_hosts, ElementsAre("a.example"));
    EXPECT_THAT(live_.running().access.allowed_origins, ElementsAre("https://a.example"));
    EXPECT_EQ(live_.running().timeouts.upstream.connect, std::chrono::seconds(1));
    EXPECT_THAT(outcome.changed, IsEmpty());
    for (const std::string& fault : outcome.faults) EXPECT_THAT(fault, Not(HasSubstr("canary")));
    return std::move(outcome.faults);
  }
};

TEST_F(LiveConfigTest, MayBeShutByAReload) {
  file_.write("[proxy]\napi-key = \"k\"\n[timeouts]\nconnect = 1\n");

  EXPECT_THAT(live_.reload().faults, IsEmpty());
  EXPECT_EQ(live_.running().access.proxy_api_key.reveal(), "k");
}

TEST_F(ShutConfigTest, DoesNotOpenWhenItsFileIsEmptied) {
  EXPECT_THAT(faults_of(""), ElementsAre(HasSubstr("gone or holds nothing")));
  EXPECT_THAT(faults_of("\n \n"), ElementsAre(HasSubstr("gone or holds nothing")));
  EXPECT_THAT(faults_of("# all of it is a remark\n"), ElementsAre(HasSubstr("gone or holds")));
  EXPECT_THAT(faults_of(std::string(200, '\0')), ElementsAre(HasSubstr("line 1")))
      << "what a crash of the machine may leave";
}

TEST_F(ShutConfigTest, DoesNotOpenWhenItsFileIsGone) {
  std::filesystem::remove(file_.path());

  const Faults faults = live_.reload().faults;

  EXPECT_THAT(faults, ElementsAre(HasSubstr("cannot read")));
  EXPECT_EQ(live_.running().access.proxy_api_key.reveal(), "canary-key");
}

TEST_F(ShutConfigTest, DoesNotOpenWhenItsFileIsCutBeforeItsKey) {
  const std::size_t key_end = Shut.find("canary-key") + std::string_view("canary-key\"").size();
  for (std::size_t size = 0; size < key_end; ++size) {
    EXPECT_FALSE(faults_of(Shut.substr(0, size)).empty()) << size;
  }
}

TEST_F(ShutConfigTest, GivesUpNoKey) {
  EXPECT_THAT(
      faults_of("[timeouts]\nconnect = 5\n"),
      ElementsAre(HasSubstr("proxy.api-key: it is gone, and anyone could call; a reload lets "
                            "nobody in who was kept out: restart for that")));
  EXPECT_THAT(faults_of("[proxy]\napi-key = \"\"\n"), ElementsAre(HasSubstr("proxy.api-key")));
  EXPECT_THAT(faults_of("[metrics]\nport = 8083\n"), ElementsAre(HasSubstr("proxy.api-key")));
}

TEST_F(ShutConfigTest, LetsNoHostAndNoOriginIn) {
  EXPECT_THAT(
      faults_of("[proxy]\napi-key = \"other\"\nallowed-hosts = [\"a.example\", \"b.example\", "
                "\"c.example\"]\n[timeouts]\nconnect = 5\n"),
      ElementsAre(HasSubstr("proxy.allowed-hosts: 'b.example', 'c.example' would come in")));
  EXPECT_THAT(faults_of("[proxy]\nallowed-origins = [\"https://b.example\"]\n"),
              ElementsAre(HasSubstr("proxy.api-key"),
                          HasSubstr("proxy.allowed-origins: 'https://b.example' would come in")));
}

TEST_F(ShutConfigTest, TakesAnotherKeyAndLessWhoMayCall) {
  file_.write("[proxy]\napi-key = \"second\"\n[timeouts]\nconnect = 7\n");

  const LiveConfig::Outcome outcome = live_.reload();

  EXPECT_THAT(outcome.faults, IsEmpty());
  EXPECT_EQ(live_.running().access.proxy_api_key.reveal(), "second");
  EXPECT_THAT(live_.running().access.allowed_hosts, IsEmpty());
  EXPECT_THAT(live_.running().access.allowed_origins, IsEmpty());
  EXPECT_EQ(live_.running().timeouts.upstream.connect, std::chrono::seconds(7));
}

TEST(LiveConfig, MayHaveNoFileOfItsOwn) {
  const File elsewhere("");
  std::filesystem::remove(elsewhere.path());
  const CommandLine line;  // the working directory has no vandamme.toml
  const Env env(Variables{{"OPENAI_API_KEY", "k"}, {"PROXY_API_KEY", "canary"}});
  LiveConfig live(line, env, {}, std::get<Config>(load(line, env, {})));

  EXPECT_THAT(live.reload().faults, IsEmpty());
  EXPECT_EQ(live.running().access.proxy_api_key.reveal(), "canary");
}

TEST_F(LiveConfigTest, DoesNotReadABadFileAgainAndAgain) {
  file_.write("[timeouts]\nconnect = \"soon\"\n");
  live_.reload();

  EXPECT_FALSE(live_.file_has_changed());
  EXPECT_FALSE(live_.file_has_changed());
}

}  // namespace
}  // namespace vdm::proxy::live_config_test
