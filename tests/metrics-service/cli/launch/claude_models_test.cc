#include "metrics-service/cli/launch/claude_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::cli::claude_models_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const ListedAlias Fast{"claude/fast", "fast", "open:small", 128'000};
const ListedAlias Deep{"claude/deep", "deep", "open:large", 64'000};
const ListedAlias Sonnet{"claude/sonnet", "sonnet", "open:medium", 400'000};

Env env_of(std::map<std::string, std::string> variables) { return Env(std::move(variables)); }

/// What the model's variable is set to; "-" when it is left alone.
std::string set(const ModelChanges& made, const std::string& name) {
  const auto found = made.changes.find(name);
  return found == made.changes.end() ? "-" : found->second.value_or("removed");
}

constexpr const char* Window = "CLAUDE_CODE_MAX_CONTEXT_TOKENS";
constexpr const char* Compact = "CLAUDE_CODE_AUTO_COMPACT_WINDOW";
constexpr const char* Option = "ANTHROPIC_CUSTOM_MODEL_OPTION";

TEST(StartModel, IsTheOneThatTheArgumentsNameLast) {
  const Env env = env_of({{"ANTHROPIC_MODEL", "env"}});

  EXPECT_EQ(start_model({}, Env()), "");
  EXPECT_EQ(start_model({"-p", "hello"}, env), "env");
  EXPECT_EQ(start_model({"--model", "a", "-p", "hello"}, env), "a");
  EXPECT_EQ(start_model({"--model", "a", "--model=b"}, env), "b");
  EXPECT_EQ(start_model({"--", "--model", "a"}, env), "env") << "a prompt, not a flag";
  EXPECT_EQ(start_model({"--model"}, env), "env");
}

TEST(ModelEnvironment, TurnsDiscoveryOnWithTimeForIt) {
  const auto made = model_environment({}, false, Env());

  EXPECT_EQ(set(made, "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"), "1");
  EXPECT_EQ(set(made, "CLAUDE_CODE_GATEWAY_MODEL_DISCOVERY_TIMEOUT_MS"), "10000");
  EXPECT_EQ(made.changes.size(), 2u);
  EXPECT_THAT(made.notices, IsEmpty());
}

TEST(ModelEnvironment, LeavesWhatTheUserHasSet) {
  const std::map<std::string, std::string> own{{"CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", "0"},
                                               {"ANTHROPIC_DEFAULT_SONNET_MODEL", "mine"},
                                               {Window, "5000"},
                                               {Option, "mine"}};

  const auto made = model_environment({.aliases = {Sonnet, Fast}}, true, Env(own));

  for (const auto& [name, value] : own) EXPECT_EQ(set(made, name), "-") << name;
  EXPECT_EQ(set(made, "ANTHROPIC_DEFAULT_SONNET_MODEL_NAME"), "-");
}

TEST(ModelEnvironment, WithAKeyLeavesTheAliasesToDiscovery) {
  const auto made = model_environment({.aliases = {Fast, Sonnet}}, false, Env());

  EXPECT_EQ(set(made, Option), "-");
  EXPECT_THAT(made.notices, IsEmpty());
}

TEST(ModelEnvironment, NamesATierThatAnotherMakersModelAnswersByItsAlias) {
  const ListedAlias own_haiku{"claude/haiku", "haiku", "anthropic:claude-small", 200'000};

  const auto made = model_environment({.aliases = {own_haiku, Sonnet}}, false, Env());

  EXPECT_EQ(set(made, "ANTHROPIC_DEFAULT_SONNET_MODEL"), "claude/sonnet");
  EXPECT_EQ(set(made, "ANTHROPIC_DEFAULT_SONNET_MODEL_NAME"), "sonnet: open:medium");
  EXPECT_EQ(set(made, "ANTHROPIC_DEFAULT_HAIKU_MODEL"), "-") << "a Claude is a Claude";
  EXPECT_EQ(set(made, "ANTHROPIC_DEFAULT_OPUS_MODEL"), "-");
}

TEST(ModelEnvironment, WithALoginAloneNamesAnAliasAndSaysSo) {
  const auto made = model_environment({.aliases = {Sonnet, Fast, Deep}}, true, Env());

  EXPECT_EQ(set(made, Option), "claude/fast");
  EXPECT_EQ(set(made, "ANTHROPIC_CUSTOM_MODEL_OPTION_NAME"), "fast");
  EXPECT_EQ(set(made, "ANTHROPIC_CUSTOM_MODEL_OPTION_DESCRIPTION"), "open:small");
  EXPECT_EQ(set(made, "ANTHROPIC_DEFAULT_SONNET_MODEL"), "claude/sonnet");
  EXPECT_THAT(made.notices, ElementsAre(AllOf(HasSubstr("login alone"),
                                              HasSubstr("claude/sonnet, claude/fast, claude/deep"),
                                              Not(HasSubstr("\n")))));
}

TEST(ModelEnvironment, WithALoginAndNoAliasHasNothingToSay) {
  EXPECT_THAT(model_environment({}, true, Env()).notices, IsEmpty());
}

TEST(ModelEnvironment, TakesTheStartModelsWindow) {
  const auto made =
      model_environment({.start = "open:tiny", .answering = {{"tiny", 32'000}}}, false, Env());

  EXPECT_EQ(set(made, Window), "32000");
  EXPECT_EQ(set(made, Compact), "-") << "the one variable is enough for a name it does not know";
}

TEST(ModelEnvironment, IsNeverLargerThanTheSmallestAlias) {
  const ClaudeModels large{.aliases = {Fast, Deep}, .start = "x", .answering = {{"x", 1'000'000}}};
  const ClaudeModels small{.aliases = {Fast, Deep}, .start = "x", .answering = {{"x", 9'000}}};

  EXPECT_EQ(set(model_environment(large, false, Env()), Window), "64000");
  EXPECT_EQ(set(model_environment(small, false, Env()), Window), "9000");
  EXPECT_EQ(set(model_environment({.aliases = {Fast, Deep}}, false, Env()), Window), "64000");
}

TEST(ModelEnvironment, SaysThatAWindowIsNotKnown) {
  const ClaudeModels unknown{.start = "open:odd", .answering = {{"odd", 0}}};

  const auto made = model_environment(unknown, false, Env());
  const auto stated = model_environment(unknown, false, env_of({{Window, "7"}}));

  EXPECT_EQ(set(made, Window), "-");
  EXPECT_THAT(made.notices, ElementsAre(AllOf(HasSubstr("window of odd"), HasSubstr(Window))));
  EXPECT_THAT(stated.notices, IsEmpty());
}

TEST(ModelEnvironment, BoundsAClaudesNameThatAnotherModelAnswers) {
  const ClaudeModels foreign{.start = "claude-large", .answering = {{"gpt-x", 272'000}}};
  const ClaudeModels own{
      .aliases = {Deep}, .start = "claude-large", .answering = {{"claude-large", 1'000'000}}};

  EXPECT_EQ(set(model_environment(foreign, false, Env()), Compact), "272000");
  EXPECT_EQ(set(model_environment(own, false, Env()), Compact), "-");
}

TEST(ModelEnvironment, CannotMoveTheCursor) {
  const auto made =
      model_environment({.aliases = {{"claude/\x1b[2J", "\x1b[2J", "open:x", 0}}}, true, Env());

  EXPECT_THAT(made.notices, ElementsAre(Not(HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace vdm::cli::claude_models_test
