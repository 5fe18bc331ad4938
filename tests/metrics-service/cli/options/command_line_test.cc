#include "metrics-service/cli/options/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vdm::cli::command_line_test {
namespace {

std::variant<Options, LocalOptions, CommandResult> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "vdm");
  return parse_command_line(static_cast<int>(words.size()), words.data(), Env());
}
LocalOptions local(std::vector<const char*> words) {
  return std::get<LocalOptions>(parse(std::move(words)));
}

TEST(CommandLine, LeavesEverythingAfterClaudeUntouched) {
  const LocalOptions got = local({"--config", "f", "claude", "--config", "g", "--help", "-p", "--",
                                  "claude", "two words", ""});

  EXPECT_EQ(got.command, LocalCommand::Claude);
  EXPECT_EQ(got.config_file, "f");
  const std::vector<std::string> expected{"--config", "g",      "--help",    "-p",
                                          "--",       "claude", "two words", ""};
  EXPECT_EQ(got.claude_arguments, expected);
}

TEST(CommandLine, TakesClaudeForACommandOnlyWhereACommandStands) {
  EXPECT_EQ(local({"test", "claude"}).provider, "claude");
  EXPECT_EQ(local({"--config", "claude", "up"}).config_file, "claude");
}

TEST(CommandLine, KnowsEachCommand) {
  EXPECT_EQ(local({"up"}).command, LocalCommand::Up);
  EXPECT_TRUE(local({"down", "--now"}).now);
  EXPECT_TRUE(local({"config", "check", "--show"}).show);
  EXPECT_EQ(local({"models", "--provider", "p", "--json"}).provider, "p");
  EXPECT_EQ(local({"test", "p", "--model", "m", "--gateway", "h:1"}).model, "m");
  EXPECT_EQ(local({"init", "--provider", "a", "--provider", "b", "--yes"}).init.providers.size(),
            2u);
}

TEST(CommandLine, RefusesWhatMakesNoSense) {
  const std::vector<std::vector<const char*>> wrong{{"config"},
                                                    {"config", "chekc"},
                                                    {"test"},
                                                    {"models", "--gateway", "nowhere"},
                                                    {"init", "--base-url", "x=https://x"},
                                                    {"init", "--provider", "x", "--base-url", "x"},
                                                    {"init", "--key", "secret"},
                                                    {"help", "nothing"}};
  for (const auto& words : wrong) {
    const auto got = parse(words);

    ASSERT_TRUE(std::holds_alternative<CommandResult>(got)) << words.front();
    EXPECT_EQ(std::get<CommandResult>(got).code, WrongUsage);
    EXPECT_TRUE(std::get<CommandResult>(got).text.starts_with("vdm: "))
        << std::get<CommandResult>(got).text;
  }
}

TEST(CommandLine, ExplainsEachCommandWithAnExample) {
  const std::vector<std::vector<const char*>> commands{{"help", "claude"},
                                                       {"help", "up"},
                                                       {"help", "down"},
                                                       {"help", "init"},
                                                       {"help", "models"},
                                                       {"help", "test"},
                                                       {"config", "check", "--help"}};
  for (const auto& words : commands) {
    const CommandResult help = std::get<CommandResult>(parse(words));

    EXPECT_EQ(help.code, Done);
    EXPECT_NE(help.text.find("Usage: vdm "), std::string::npos) << help.text;
    EXPECT_NE(help.text.find("Example"), std::string::npos) << help.text;
  }
}

}  // namespace
}  // namespace vdm::cli::command_line_test
