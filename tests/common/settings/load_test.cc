#include "common/settings/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::settings::settings_load_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Variables = std::map<std::string, std::string>;

constexpr Program Server{"server", "serves"};

class ApplyTest : public ::testing::Test {
 protected:
  FileValues file(std::string_view text) {
    FileValues values(settings_, "f");
    const FileNode root = parse_file(text, "f", faults_);
    for (const auto& [key, node] : root.entries) values.take("t." + key, node, faults_);
    return values;
  }
  void apply_all(std::string_view text, Variables variables, const CommandLine& line = {}) {
    apply(settings_, file(text), Env(std::move(variables)), line, sources_, faults_);
  }

  std::uint16_t port_ = 1;
  std::chrono::milliseconds time_{1};
  Secret key_;
  const Settings settings_{
      {"PORT", "t.port", "1", "port to listen on", port(), &port_, "--port"},
      {"TIME", "t.time", "1ms", "how long", duration(), &time_},
      {"API_TOKEN", "t.token", "", "the key", secret(), &key_},
  };
  ValueSources sources_;
  Faults faults_;
};

TEST_F(ApplyTest, LetsTheCommandLineWinOverTheEnvironmentAndThatOverTheFile) {
  apply_all("port = 2\ntime = 2\n", {{"PORT", "3"}}, {.values = {{"--port", "4"}}});

  EXPECT_EQ(port_, 4);
  EXPECT_EQ(time_, std::chrono::seconds(2));
  EXPECT_THAT(faults_, IsEmpty());
  EXPECT_EQ(sources_.text(),
            "API_TOKEN\tunset\tdefault\nPORT\t4\tflag --port\nTIME\t2\tfile, t.time\n");
  EXPECT_TRUE(sources_.is_set("PORT"));
  EXPECT_FALSE(sources_.is_set("API_TOKEN"));
}

TEST_F(ApplyTest, SaysEveryFaultAndLeavesWhatWasThere) {
  apply_all("port = 0\n", {{"PORT", "x"}, {"TIME", "soon"}});

  EXPECT_THAT(faults_,
              ElementsAre("t.port: expected 1..65535, got '0'", "PORT: expected 1..65535, got 'x'",
                          HasSubstr("TIME: expected a duration")));
  EXPECT_EQ(port_, 1);
}

TEST_F(ApplyTest, NeverTellsASecretWhateverItIsCalled) {
  apply_all("token = \"canary\"\n", {});

  EXPECT_EQ(key_.reveal(), "canary");
  EXPECT_EQ(sources_.text().find("canary"), std::string::npos);
  EXPECT_THAT(sources_.text(), HasSubstr("API_TOKEN\tset\tfile, t.token\n"));
}

TEST_F(ApplyTest, TellsTheWholeTableInItsHelp) {
  const char* help[] = {"server", "--help"};
  const char* port[] = {"server", "--port", "7"};

  const auto told = parse_command_line(Server, settings_, 2, help);
  const auto line = parse_command_line(Server, settings_, 3, port);

  EXPECT_THAT(std::get<EarlyExit>(told).text,
              HasSubstr("TIME, t.time: how long; 1ms..8784h (1ms)\n"));
  EXPECT_EQ(std::get<CommandLine>(line).values.at("--port"), "7");
}

TEST(LoadOrExplain, PrintsNothingButTheFaultsOfABadConfiguration) {
  const auto load = [](const CommandLine&, ValueSources& sources) -> std::variant<int, Faults> {
    sources.set("A", "1", "environment");
    return Faults{"A: wrong", "B: wrong"};
  };
  const auto summary = [](int) { return std::string("valid"); };
  const auto explained = [&](const CommandLine& line) {
    return std::get<EarlyExit>(load_or_explain<int>(Server, line, load, summary));
  };

  const EarlyExit plain = explained({});
  const EarlyExit shown = explained({.show_config = true});

  EXPECT_EQ(plain.status, 2);
  EXPECT_EQ(plain.text, "server: A: wrong\nserver: B: wrong\n");
  EXPECT_EQ(plain.settings, "");
  EXPECT_EQ(shown.settings, "A\t1\tenvironment\n");
}

}  // namespace
}  // namespace vdm::settings::settings_load_test
