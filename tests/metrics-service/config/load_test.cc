#include "metrics-service/config/load.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace vdm::metrics::config_load_test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Variables = std::map<std::string, std::string>;

Config loaded(const Variables& variables, const CommandLine& line = {}) {
  auto result = load(line, Env(variables), "/nowhere/bin/vdm-metrics");
  const auto* faults = std::get_if<Faults>(&result);
  EXPECT_EQ(faults, nullptr) << (faults ? faults->at(0) : "");
  return faults ? Config{} : std::get<Config>(std::move(result));
}
Faults refused(const Variables& variables, const CommandLine& line = {}) {
  auto result = load(line, Env(variables), "/nowhere/bin/vdm-metrics");
  return std::holds_alternative<Faults>(result) ? std::get<Faults>(result) : Faults{};
}

TEST(Load, NeedsNoSetting) {
  const Config config = loaded({{"HOME", "/home/x"}});

  EXPECT_EQ(config.listen.host, "127.0.0.1");
  EXPECT_EQ(config.listen.port, 8083);
  EXPECT_EQ(config.listen.ingest.port, 50051);
  EXPECT_EQ(config.listen.events.port, 50052);
  EXPECT_EQ(config.history.directory, "/home/x/.local/state/vandamme");
  EXPECT_EQ(config.live.progress_interval, 500ms);
  EXPECT_FALSE(config.access.cancel_allowed);
}

TEST(Load, ReportsEveryFaultWithItsKeyAndValue) {
  const Faults faults = refused({{"VDM_METRICS_PORT", "80x"},
                                 {"VDM_ALLOW_CANCEL", "maybe"},
                                 {"VDM_ALLOWED_ORIGINS", "*"},
                                 {"VDM_INGEST_ADDRESS", "nowhere"}});

  ASSERT_EQ(faults.size(), 4u);
  const std::string all = faults[0] + faults[1] + faults[2] + faults[3];
  EXPECT_NE(all.find("VDM_METRICS_PORT: expected 1..65535, got '80x'"), std::string::npos) << all;
  EXPECT_NE(all.find("VDM_ALLOW_CANCEL: expected true or false, got 'maybe'"), std::string::npos);
  EXPECT_NE(all.find("VDM_ALLOWED_ORIGINS"), std::string::npos);
  EXPECT_NE(all.find("VDM_INGEST_ADDRESS"), std::string::npos);
}

TEST(Load, NeverRepeatsAKey) {
  const Faults faults = refused({{"VDM_METRICS_API_KEY", "canary key with spaces"}});

  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].find("canary"), std::string::npos);
}

TEST(Load, RefusesAnOpenBindWithoutAKeyUnlessItIsMeant) {
  for (const char* key : {"VDM_METRICS_HOST", "VDM_EVENTS_ADDRESS"}) {
    const std::string open = key == std::string("VDM_METRICS_HOST") ? "0.0.0.0" : "0.0.0.0:50052";
    const Faults faults = refused({{key, open}});
    ASSERT_EQ(faults.size(), 1u) << key;
    EXPECT_NE(faults[0].find("VDM_ALLOW_UNAUTHENTICATED=yes-anyone-may-call"), std::string::npos);
    EXPECT_TRUE(refused({{key, open}, {"PROXY_API_KEY", "k"}}).empty());
    EXPECT_TRUE(
        refused({{key, open}, {"VDM_ALLOW_UNAUTHENTICATED", "yes-anyone-may-call"}}).empty());
  }
  EXPECT_EQ(refused({{"VDM_ALLOW_UNAUTHENTICATED", "true"}}).size(), 1u);
}

TEST(Load, RefusesAnOpenIngestWithoutATokenUnlessItIsMeant) {
  const std::pair open{std::string("VDM_INGEST_ADDRESS"), std::string("0.0.0.0:50051")};
  const Faults faults = refused({open, {"VDM_ALLOW_UNAUTHENTICATED", "yes-anyone-may-call"}});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0],
            "VDM_INGEST_ADDRESS: '0.0.0.0' can be reached from elsewhere; set "
            "VDM_INGEST_TOKEN_FILE or VDM_INGEST_TOKEN, or "
            "VDM_ALLOW_OPEN_INGEST=yes-anyone-may-report if that is meant");
  EXPECT_EQ(refused({open, {"VDM_INGEST_TOKEN_FILE", "none"}}).size(), 1u);
  EXPECT_TRUE(refused({open, {"VDM_INGEST_TOKEN", "0123456789abcdef"}}).empty());
  EXPECT_TRUE(refused({open, {"VDM_INGEST_TOKEN_FILE", "/data/ingest-token"}}).empty());
  EXPECT_TRUE(refused({open, {"VDM_ALLOW_OPEN_INGEST", "yes-anyone-may-report"}}).empty());
  EXPECT_EQ(refused({{"VDM_ALLOW_OPEN_INGEST", "true"}}).size(), 1u);
}

TEST(Load, SaysAtStartWhoMayReportWithoutAToken) {
  const auto notices = [](Variables variables) {
    variables.insert({"HOME", "/home/x"});
    std::string all;
    for (const std::string& notice : loaded(variables).notices) all += notice + "\n";
    return all;
  };

  EXPECT_NE(notices({}).find("every program of this machine may report"), std::string::npos);
  EXPECT_EQ(notices({{"VDM_INGEST_TOKEN_FILE", "/data/ingest-token"}}), "");
  EXPECT_EQ(notices({{"VDM_INGEST_TOKEN", "0123456789abcdef"}}), "");
}

TEST(Load, NeverRepeatsAnIngestToken) {
  const Faults faults = refused({{"VDM_INGEST_TOKEN", "canary"}});

  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0], "VDM_INGEST_TOKEN: expected 16 to 256 visible ASCII characters");
}

TEST(Load, PrefersItsOwnKeyToTheProxys) {
  EXPECT_EQ(loaded({{"PROXY_API_KEY", "p"}}).access.key.reveal(), "p");
  EXPECT_EQ(loaded({{"PROXY_API_KEY", "p"}, {"VDM_METRICS_API_KEY", "m"}}).access.key.reveal(),
            "m");
}

TEST(Load, KeepsHistoryInMemoryWhenToldTo) {
  EXPECT_TRUE(loaded({{"HOME", "/h"}, {"VDM_DATA_DIR", "none"}}).history.directory.empty());
  EXPECT_TRUE(loaded({}).history.directory.empty()) << "no home, no place";
  EXPECT_EQ(loaded({{"XDG_STATE_HOME", "/s"}}).history.directory, "/s/vandamme");
}

class LoadFile : public ::testing::Test {
 protected:
  LoadFile() {
    std::string pattern = (fs::temp_directory_path() / "vdm-load-XXXXXX").string();
    const int file = ::mkstemp(pattern.data());
    EXPECT_GE(file, 0);
    path_ = pattern;
  }
  ~LoadFile() override { fs::remove(path_); }
  CommandLine with(const std::string& text) {
    std::ofstream(path_) << text;
    return {.config_file = path_};
  }
  std::string path_;
};

TEST_F(LoadFile, LetsFlagWinOverEnvironmentOverFile) {
  CommandLine line = with(
      "[metrics]\nport = 1001\nretention-days = 7\n"
      "allowed-hosts = [\"A.example\", \"b\"]\n[proxy]\nport = 9\n");
  EXPECT_EQ(loaded({}, line).listen.port, 1001);
  EXPECT_EQ(loaded({}, line).history.retention_days, 7);
  EXPECT_EQ(loaded({}, line).access.allowed_hosts, (std::vector<std::string>{"a.example", "b"}));
  EXPECT_EQ(loaded({{"VDM_METRICS_PORT", "1002"}}, line).listen.port, 1002);

  line.values["--port"] = "1003";

  EXPECT_EQ(loaded({{"VDM_METRICS_PORT", "1002"}}, line).listen.port, 1003);
}

TEST_F(LoadFile, NamesWhatItDoesNotKnow) {
  const Faults faults = refused({}, with("[metrics]\nprot = 1001\nport = { a = 1 }\n"));

  ASSERT_EQ(faults.size(), 2u);
  const std::string all = faults[0] + faults[1];
  EXPECT_NE(all.find("metrics.prot: no such setting; did you mean metrics.port?"),
            std::string::npos)
      << all;
  EXPECT_NE(all.find("metrics.port: expected a plain value"), std::string::npos) << all;
}

TEST_F(LoadFile, SaysWhereAFileIsMalformedOrMissing) {
  EXPECT_NE(refused({}, with("[metrics\n")).at(0).find(path_), std::string::npos);
  EXPECT_NE(refused({}, CommandLine{.config_file = "/nowhere.toml"})
                .at(0)
                .find("--config: cannot read '/nowhere.toml'"),
            std::string::npos);
}

TEST(ParseCommandLine, AnswersVersionAndRefusesWhatItDoesNotKnow) {
  const char* version[] = {"vdm-metrics", "--version"};
  const auto said = std::get<EarlyExit>(parse_command_line(2, version));
  EXPECT_EQ(said.status, 0);
  EXPECT_TRUE(said.text.starts_with("vdm-metrics 0."));

  const char* wrong[] = {"vdm-metrics", "--prot", "1"};
  EXPECT_EQ(std::get<EarlyExit>(parse_command_line(3, wrong)).status, 2);
}

TEST(LoadOrExplain, SaysThatAllIsValidAndLeaves) {
  const char* arguments[] = {"vdm-metrics", "--check-config"};
  const Env env({{"HOME", "/home/x"}, {"PROXY_API_KEY", "canary"}});

  const auto start = load_or_explain(2, arguments, env);

  const auto& exit = std::get<EarlyExit>(start);
  EXPECT_EQ(exit.status, 0);
  EXPECT_NE(exit.text.find("listens on 127.0.0.1:8083 with a key"), std::string::npos) << exit.text;
  EXPECT_EQ(exit.text.find("canary"), std::string::npos);
}

TEST(LoadOrExplain, ShowsWhereEachSettingCameFromInSpiteOfFaults) {
  const char* arguments[] = {"vdm-metrics", "--show-config"};
  const Env env({{"VDM_METRICS_PORT", "9"}, {"LOG_LEVEL", "loud"}, {"PROXY_API_KEY", "canary"}});

  const auto start = load_or_explain(2, arguments, env);

  const auto& exit = std::get<EarlyExit>(start);
  EXPECT_EQ(exit.status, 2);
  for (const char* line : {"VDM_METRICS_PORT\t9\tenvironment\n", "PROXY_API_KEY\tset\tenvironment",
                           "VDM_EVENTS_ADDRESS\t127.0.0.1:50052\tdefault\n"}) {
    EXPECT_NE(exit.settings.find(line), std::string::npos) << exit.settings;
  }
  EXPECT_EQ(exit.settings.find("canary"), std::string::npos);
}

}  // namespace
}  // namespace vdm::metrics::config_load_test
