#include "metrics-service/cli/events/commands.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "metrics-service/cli/events/client.h"
#include "metrics-service/cli/events/tail.h"
#include "metrics-service/cli/options/command_line.h"
#include "tests/fakes/released.h"
#include "tests/grpc/events_rig.h"

namespace vdm::cli::cli_test {
namespace {

using namespace std::chrono_literals;
using metrics::EventsOptions;
using metrics::facts;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

class CliTest : public metrics::EventsRig {
 protected:
  /// Runs `vdm ARGUMENTS` against the rig, or against `address`.
  Outcome vdm(std::vector<std::string> arguments, std::map<std::string, std::string> env = {}) {
    if (!env.contains("VDM_EVENTS_ADDRESS")) env["VDM_EVENTS_ADDRESS"] = address();
    arguments.insert(arguments.begin(), "vdm");
    std::vector<const char*> argv;
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    const auto parsed =
        parse_command_line(static_cast<int>(argv.size()), argv.data(), Env(std::move(env)));
    if (const auto* result = std::get_if<CommandResult>(&parsed))
      return {result->code, "", result->text};
    const auto& options = std::get<Options>(parsed);
    std::ostringstream out;
    std::ostringstream err;
    Client client(options);
    const int code = run(options, client, interrupt_, {.out = out, .err = err});
    return {code, out.str(), err.str()};
  }

  Interrupt interrupt_;
};

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

/// A file that is gone when the test is over.
struct TemporaryFile {
  std::string path = (std::filesystem::temp_directory_path() /
                      ("vdm-cli-test-" + std::to_string(::getpid()) + "-" +
                       ::testing::UnitTest::GetInstance()->current_test_info()->name()))
                         .string();
  ~TemporaryFile() { std::filesystem::remove(path); }

  std::string text() const {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(CliTest, TailPrintsALineForEachEventAndLeavesAfterItsCount) {
  serve();
  start("a");
  start("b");
  end("a");

  const Outcome got = vdm({"tail", "--after", "e1-0", "--kind", "started,ended", "--count", "3"});

  ASSERT_EQ(got.code, Done) << got.err;
  const auto printed = lines(got.out);
  ASSERT_EQ(printed.size(), 3u);
  EXPECT_TRUE(printed[0].starts_with(R"({"kind":"started","cursor":"e1-)")) << printed[0];
  EXPECT_NE(printed[0].find(R"("request_id":"a")"), std::string::npos);
  EXPECT_TRUE(printed[2].starts_with(R"({"kind":"ended")"));
  EXPECT_NE(printed[2].find(R"("outcome":"ok")"), std::string::npos);
}

TEST_F(CliTest, TailGoesOnFromItsStateFile) {
  serve();
  start("a");
  start("b");
  TemporaryFile state;
  std::ofstream(state.path) << "e1-0\n";
  const std::vector<std::string> command{"tail",    "--state", state.path, "--kind",
                                         "started", "--count", "1"};

  const Outcome first = vdm(command);
  const Outcome second = vdm(command);

  EXPECT_NE(first.out.find(R"("request_id":"a")"), std::string::npos);
  EXPECT_NE(second.out.find(R"("request_id":"b")"), std::string::npos);
  EXPECT_EQ(second.out.find(R"("request_id":"a")"), std::string::npos);
  EXPECT_TRUE(state.text().starts_with("e1-"));
}

TEST_F(CliTest, TailSaysThatEventsWerePassedOver) {
  serve();
  TemporaryFile state;
  std::ofstream(state.path) << "older-7\n";
  auto running = std::async(std::launch::async, [&] {
    return vdm({"tail", "--state", state.path, "--kind", "started", "--count", "1"});
  });
  while (rig_->on_owner([&] { return server_->subscribers(); }) == 0) std::this_thread::yield();

  start("a");
  const Outcome got = running.get();

  ASSERT_EQ(lines(got.out).size(), 3u) << got.out;
  EXPECT_TRUE(lines(got.out)[0].starts_with(R"({"kind":"reset")"));
  EXPECT_NE(lines(got.out)[0].find(R"("reason":"epoch")"), std::string::npos);
  EXPECT_TRUE(lines(got.out)[1].starts_with(R"({"kind":"snapshot")"));
}

TEST_F(CliTest, TailTakesTheStateFileOfAnEarlierRelease) {
  serve();
  for (const Release& release : releases(VDM_GOLDEN_DIR)) {
    SCOPED_TRACE(release.folder);
    TemporaryFile state;
    std::filesystem::copy_file(release.path("tail.state"), state.path);
    auto running = std::async(std::launch::async, [&] {
      return vdm({"tail", "--state", state.path, "--kind", "started", "--count", "1"});
    });
    while (rig_->on_owner([&] { return server_->subscribers(); }) == 0) std::this_thread::yield();

    start("after-" + release.folder.filename().string());
    const Outcome got = running.get();

    EXPECT_EQ(got.code, Done) << got.err;
    ASSERT_EQ(lines(got.out).size(), 3u) << got.out;
    EXPECT_TRUE(lines(got.out)[0].starts_with(R"({"kind":"reset")")) << got.out;
    EXPECT_NE(lines(got.out)[0].find(R"("reason":"epoch")"), std::string::npos);
    EXPECT_TRUE(lines(got.out)[1].starts_with(R"({"kind":"snapshot")"));
    EXPECT_TRUE(state.text().starts_with("e1-"));
    while (rig_->on_owner([&] { return server_->subscribers(); }) != 0) std::this_thread::yield();
  }
}

TEST_F(CliTest, TailResumesAStreamThatBrokeWithoutLoss) {
  serve();
  const std::string where = address();
  auto running = std::async(std::launch::async, [&] {
    return vdm({"tail", "--kind", "started", "--count", "2"}, {{"VDM_EVENTS_ADDRESS", where}});
  });
  while (rig_->on_owner([&] { return server_->subscribers(); }) == 0) std::this_thread::yield();

  start("a");
  server_.reset();
  start("b");
  serve_events({.address = where});
  const Outcome got = running.get();

  EXPECT_EQ(got.code, Done) << got.err;
  ASSERT_EQ(lines(got.out).size(), 2u) << got.out;
  EXPECT_NE(lines(got.out)[1].find(R"("request_id":"b")"), std::string::npos);
  EXPECT_EQ(got.err, "vdm: the stream broke; connecting again\n");
}

TEST_F(CliTest, TailEndsWellWhenItIsInterrupted) {
  serve();
  auto running = std::async(std::launch::async, [&] { return vdm({"tail"}); });
  while (rig_->on_owner([&] { return server_->subscribers(); }) == 0) std::this_thread::yield();

  interrupt_.request();
  const Outcome got = running.get();

  EXPECT_EQ(got.code, Done);
  EXPECT_EQ(got.err, "");
}

TEST_F(CliTest, EveryCommandFailsWithOneLineWhenNothingListens) {
  const std::vector<std::vector<std::string>> commands{
      {"tail"}, {"active"}, {"totals"}, {"cancel", "a"}, {"status"}};
  for (const auto& command : commands) {
    const Outcome got = vdm(command, {{"VDM_EVENTS_ADDRESS", "127.0.0.1:1"}});

    EXPECT_EQ(got.code, Unreachable) << command[0];
    EXPECT_EQ(got.out, "");
    EXPECT_EQ(lines(got.err).size(), 1u) << got.err;
    EXPECT_NE(got.err.find("127.0.0.1:1"), std::string::npos);
  }
}

TEST_F(CliTest, EveryCommandSaysWhichKeyIsMissing) {
  serve(metrics::guarded_by("right"));
  const std::vector<std::vector<std::string>> commands{
      {"tail"}, {"active"}, {"totals"}, {"cancel", "a"}, {"status"}};
  for (const auto& command : commands) {
    const Outcome got = vdm(command, {{"PROXY_API_KEY", "wrong-key"}});

    EXPECT_EQ(got.code, Refused) << command[0];
    EXPECT_NE(got.err.find("PROXY_API_KEY"), std::string::npos);
    EXPECT_EQ(got.err.find("wrong-key"), std::string::npos);
  }
}

TEST_F(CliTest, TheServicesOwnKeyWinsOverTheProxys) {
  serve(metrics::guarded_by("right"));

  const Outcome got =
      vdm({"status"}, {{"PROXY_API_KEY", "wrong"}, {"VDM_METRICS_API_KEY", "right"}});

  EXPECT_EQ(got.code, Done) << got.err;
}

TEST_F(CliTest, ActiveListsWhatRunsAsATableOrAsJson) {
  serve();
  start("req_a");

  const Outcome table = vdm({"active"});
  const Outcome json = vdm({"active", "--json"});
  const Outcome none = vdm({"active", "--provider", "other"});

  EXPECT_EQ(lines(table.out).size(), 2u);
  EXPECT_NE(table.out.find("req_a"), std::string::npos);
  EXPECT_EQ(table.out.find('\x1b'), std::string::npos);
  EXPECT_TRUE(json.out.starts_with(R"({"cursor":"e1-)"));
  EXPECT_EQ(lines(none.out).size(), 1u);
}

TEST_F(CliTest, WatchNeedsATerminal) {
  serve();

  EXPECT_EQ(vdm({"active", "--watch"}).code, WrongUsage);
}

TEST_F(CliTest, TotalsShowsProvidersModelsAndTheirSum) {
  serve();
  end("a");

  const Outcome got = vdm({"totals"});

  ASSERT_EQ(lines(got.out).size(), 4u) << got.out;
  EXPECT_TRUE(lines(got.out)[1].starts_with("demo"));
  EXPECT_TRUE(lines(got.out)[3].starts_with("total"));
}

TEST_F(CliTest, StatusSucceedsWhenWellAndFailsWhenDegraded) {
  serve({.version = "1.2.3"});
  const Outcome well = vdm({"status"});
  degrade();

  const Outcome ill = vdm({"status"});

  EXPECT_EQ(well.code, Done);
  EXPECT_NE(well.out.find("1.2.3"), std::string::npos);
  EXPECT_NE(well.out.find("proxy-1"), std::string::npos);
  EXPECT_EQ(ill.code, Degraded);
  EXPECT_NE(ill.out.find("the disk is full"), std::string::npos);
}

TEST_F(CliTest, CancelSaysWhatBecameOfIt) {
  bool allowed = true;
  serve({.cancel_allowed = true,
         .cancel = [&](std::string_view, std::string_view) { return allowed; }});
  start("req_a");

  EXPECT_EQ(vdm({"cancel", "req_a"}).code, Done);
  EXPECT_EQ(vdm({"cancel", "req_b"}).code, NotRunning);
  EXPECT_NE(vdm({"cancel", "req_b"}).err.find("req_b"), std::string::npos);
}

TEST_F(CliTest, CancelIsRefusedUnlessAllowed) {
  serve();
  start("req_a");

  const Outcome got = vdm({"cancel", "req_a"});

  EXPECT_EQ(got.code, Refused);
  EXPECT_NE(got.err.find("VDM_ALLOW_CANCEL"), std::string::npos);
}

}  // namespace
}  // namespace vdm::cli::cli_test
