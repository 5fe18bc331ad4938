#include "metrics-service/cli/options/view_options.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "metrics-service/cli/options/command_line.h"

namespace vdm::cli::view_options_test {
namespace {

std::variant<Options, LocalOptions, CommandResult> parse(
    std::vector<const char*> arguments, std::map<std::string, std::string> env = {}) {
  arguments.insert(arguments.begin(), "vdm");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data(),
                            Env(std::move(env)));
}
Options options(std::vector<const char*> arguments, std::map<std::string, std::string> env = {}) {
  return std::get<Options>(parse(std::move(arguments), std::move(env)));
}
CommandResult result(std::vector<const char*> arguments) {
  return std::get<CommandResult>(parse(std::move(arguments)));
}

TEST(CliOptions, TakesTheAddressFromTheFlagThenTheEnvironmentThenTheDefault) {
  const std::map<std::string, std::string> env{{"VDM_EVENTS_ADDRESS", "metrics:1"}};

  EXPECT_EQ(options({"status"}).address, "127.0.0.1:50052");
  EXPECT_EQ(options({"status"}, env).address, "metrics:1");
  EXPECT_EQ(options({"--address", "other:2", "status"}, env).address, "other:2");
  EXPECT_EQ(options({"status", "--address", "other:2"}, env).address, "other:2");
}

TEST(CliOptions, CallsAServiceThatListensEverywhereOnThisMachine) {
  EXPECT_EQ(options({"status", "--address", "0.0.0.0:7"}).address, "127.0.0.1:7");
  EXPECT_EQ(options({"status", "--address", "[::]:7"}).address, "[::1]:7");
}

TEST(CliOptions, ReadsFilters) {
  const Options got =
      options({"tail", "--kind", "started,ended", "--kind", "lost", "--outcome", "timeout",
               "--provider", "a*", "--model", "m", "--proxy", "p", "--client", "c"});

  EXPECT_EQ(got.filter.kinds_size(), 3);
  EXPECT_EQ(got.filter.outcomes(0), metrics::v1::OUTCOME_TIMEOUT);
  EXPECT_EQ(got.filter.provider(), "a*");
  EXPECT_EQ(got.filter.model(), "m");
  EXPECT_EQ(got.filter.proxy(), "p");
  EXPECT_EQ(got.filter.client_label(), "c");
}

TEST(CliOptions, HasNoSnapshotWhenAskedForKindsOrForNone) {
  EXPECT_TRUE(options({"tail"}).snapshot);
  EXPECT_FALSE(options({"tail", "--no-snapshot"}).snapshot);
  EXPECT_FALSE(options({"tail", "--kind", "ended"}).snapshot);
}

TEST(CliOptions, RefusesWhatItDoesNotKnowWithCodeTwo) {
  const std::vector<std::vector<const char*>> wrong{{},
                                                    {"frobnicate"},
                                                    {"tail", "--kind", "nope"},
                                                    {"tail", "--count", "x"},
                                                    {"tail", "--after", "a-1", "--state", "f"},
                                                    {"active", "--watch", "--json"},
                                                    {"cancel"},
                                                    {"status", "--address", "nowhere"}};
  for (const auto& arguments : wrong) {
    const CommandResult got = result(arguments);

    EXPECT_EQ(got.code, WrongUsage);
    EXPECT_TRUE(got.text.starts_with("vdm: ")) << got.text;
  }
}

TEST(CliOptions, ExplainsItselfWithExamplesAndExitCodes) {
  const CommandResult help = result({"--help"});

  EXPECT_EQ(help.code, Done);
  for (const char* part : {"tail", "active", "totals", "cancel", "status", "Exit codes", "Examples",
                           "VDM_METRICS_API_KEY"}) {
    EXPECT_NE(help.text.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace vdm::cli::view_options_test
