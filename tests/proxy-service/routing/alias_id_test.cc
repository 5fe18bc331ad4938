#include "proxy-service/routing/alias_id.h"

#include <gtest/gtest.h>

#include "tests/proxy-service/routing/alias_rules.h"

namespace vdm::proxy::alias_id_test {
namespace {

TEST(AliasId, BeginsAsClaudeCodeDemandsAndHoldsNoModelsName) {
  EXPECT_EQ(alias_id("fast"), "claude/fast");
  EXPECT_EQ(alias_id("opus"), "claude/opus") << "claude-opus would be Claude's window";
  EXPECT_EQ(alias_id("night:fast"), "claude/night:fast");
}

TEST(AliasId, IsTheAliasWhereThatIsAcceptedAsItIs) {
  EXPECT_EQ(alias_id("claude-fast"), "claude-fast");
  EXPECT_EQ(alias_id("Anthropic-Fast"), "Anthropic-Fast");
}

TEST(AliasId, IsReadBack) {
  EXPECT_EQ(alias_of_id("claude/night:fast"), "night:fast");
  EXPECT_EQ(alias_of_id("claude-fast"), "");
  EXPECT_EQ(alias_of_id("claude/"), "");
  EXPECT_EQ(alias_of_id(""), "");
}

TEST(AliasId, TellsWhichModelsNeedNone) {
  EXPECT_TRUE(is_accepted_id("Claude-x"));
  EXPECT_TRUE(is_accepted_id("us.anthropic.x"));
  EXPECT_FALSE(is_accepted_id("clau"));
}

TEST(AliasId, MeansItsAliasWhenItIsAsked) {
  const Names names{own("openai", "fast", "gpt-mini"), own("poe", "deep", "grok"),
                    anyones("smart", {"groq:big"}), anyones("claude-me", {"poe:me"})};

  EXPECT_EQ(names.at(alias_id("fast")), "openai:gpt-mini");
  EXPECT_EQ(names.at(alias_id("FAST")), "openai:gpt-mini");
  EXPECT_EQ(names.at(alias_id("smart")), "groq:big") << "an alias that needs its whole name";
  EXPECT_EQ(names.at(alias_id("poe:deep")), "poe:grok");
  EXPECT_EQ(names.at(alias_id("deep")), "poe:grok");
  EXPECT_EQ(names.at(alias_id("claude-me")), "poe:me");
}

TEST(AliasId, MeansTheWholeAliasBeforeAnyWithinIt) {
  const Names names{own("openai", "fast", "gpt-mini"), anyones("very-fast", {"poe:bolt"})};

  EXPECT_EQ(names.at("claude/very-fast"), "poe:bolt");
}

TEST(AliasId, OfAProfilesAliasMeansThatAlias) {
  AliasRules rules{.profiles = {{.name = "night", .aliases = {anyones("fast", {"poe:slow"})}}}};
  rules.aliases = {anyones("fast", {"groq:bolt"})};

  EXPECT_EQ(Names(rules).at("claude/night:fast"), "poe:slow");
  EXPECT_EQ(Names(rules).at("claude/fast"), "groq:bolt");
  rules.default_profile = "night";
  EXPECT_EQ(Names(rules).at("claude/fast"), "poe:slow");
}

TEST(AliasId, IsAModelsNameWhereThereIsNoSuchAlias) {
  const Names names{anyones("smart", {"groq:big"}), anyones("claude/smart", {"poe:x"})};

  EXPECT_EQ(names.at("claude/other"), "openai:claude/other");
  EXPECT_EQ(names.at("!claude/smart"), "openai:claude/smart");
  EXPECT_EQ(names.at("claude/!smart"), "openai:claude/!smart");
  EXPECT_EQ(names.at("claude/smart"), "poe:x") << "an alias of just that name";
}

TEST(BareAliases, AreThoseThatNeedNoProvider) {
  AliasRules rules{.profiles = {{.name = "night", .aliases = {anyones("dark", {"poe:slow"})}}}};
  rules.aliases = {own("openai", "smart", "gpt"), anyones("smart", {"groq:big"}),
                   own("poe", "deep", "grok")};
  const auto names = [](const Names& all) {
    std::string text;
    for (const auto& bare : all.resolver().bare_aliases(Dialect::OpenAi)) {
      text.append(bare.name).append(bare.built_in ? "* " : " ");
    }
    return text;
  };

  EXPECT_EQ(names(Names(rules)), "deep haiku* opus* smart sonnet* ");
  rules.default_profile = "night";
  EXPECT_EQ(names(Names(rules)), "dark deep haiku* opus* smart sonnet* ");
}

}  // namespace
}  // namespace vdm::proxy::alias_id_test
