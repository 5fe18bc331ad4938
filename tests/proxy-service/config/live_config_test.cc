#include "proxy-service/config/live_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy-service/config/loaded.h"

namespace vdm::proxy::live_config_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LiveConfigTest : public ::testing::Test {
 protected:
  LiveConfigTest() : live_(made()) {}

  LiveConfig made() {
    CommandLine line;
    line.config_file = file_.path();
    const Env env(Variables{{"OPENAI_API_KEY", "k"}});
    return {line, env, {}, std::get<Config>(load(line, env, {}))};
  }

  File file_{"[timeouts]\nconnect = 1\n"};
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

TEST_F(LiveConfigTest, DoesNotReadABadFileAgainAndAgain) {
  file_.write("[timeouts]\nconnect = \"soon\"\n");
  live_.reload();

  EXPECT_FALSE(live_.file_has_changed());
  EXPECT_FALSE(live_.file_has_changed());
}

}  // namespace
}  // namespace vdm::proxy::live_config_test
