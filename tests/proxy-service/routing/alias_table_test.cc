#include "proxy-service/routing/alias_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy-service/routing/resolver.h"
#include "tests/proxy-service/routing/alias_rules.h"

namespace vdm::proxy::alias_table_test {
namespace {

using ::testing::IsEmpty;
using namespace std::chrono_literals;

TEST(Aliases, StandForTheirProvidersModel) {
  const Names names{own("poe", "fast", "grok-4-fast")};

  EXPECT_EQ(names.at("poe:fast"), "poe:grok-4-fast");
  EXPECT_EQ(names.at("POE:Fast"), "poe:grok-4-fast");
  EXPECT_EQ(names.at("openai:fast"), "openai:fast");
}

TEST(Aliases, AreFoundWithinALongerName) {
  const Names names{own("openai", "haiku", "gpt-mini"), own("openai", "my_model", "gpt-x")};

  EXPECT_EQ(names.at("openai:claude-3-5-haiku-20241022"), "openai:gpt-mini");
  EXPECT_EQ(names.at("claude-3-5-HAIKU-20241022"), "openai:gpt-mini") << "openai is the default";
  EXPECT_EQ(names.at("my-model-2"), "openai:gpt-x");
}

TEST(Aliases, PreferTheWholeNameAndThenTheLongest) {
  const Names names{own("openai", "chat", "short"), own("openai", "chat-large", "long"),
                    own("openai", "chat-large-1", "whole")};

  EXPECT_EQ(names.at("chat-large-1"), "openai:whole");
  EXPECT_EQ(names.at("chat-large-2"), "openai:long");
  EXPECT_EQ(names.at("chat-small"), "openai:short");
}

TEST(Aliases, OfEqualLengthAreTakenInAlphabeticalOrder) {
  const Names names{own("openai", "bbb", "second"), own("openai", "aaa", "first")};

  EXPECT_EQ(names.at("bbb-aaa"), "openai:first");
}

TEST(Aliases, OfTheDefaultProviderComeBeforeOthersAndThoseByName) {
  const Names names{own("poe", "top", "a"), own("groq", "top", "b"), own("openai", "fast", "c"),
                    own("groq", "fast", "d")};

  EXPECT_EQ(names.at("fast"), "openai:c");
  EXPECT_EQ(names.at("top"), "groq:b");
}

TEST(Aliases, OfAnotherProviderNeverTakeAModelThatOnlyContainsThem) {
  const Names names{own("poe", "tier", "grok")};

  EXPECT_EQ(names.at("my-tier-5"), "openai:my-tier-5");
  EXPECT_EQ(names.at("poe:my-tier-5"), "poe:grok");
}

TEST(Aliases, ThatAreVeryShortAreMeantByTheWholeNameAlone) {
  const Names names{own("openai", "x", "gpt-x")};

  EXPECT_EQ(names.at("x"), "openai:gpt-x");
  EXPECT_EQ(names.at("xyz"), "openai:xyz");
}

TEST(Aliases, AreNotAppliedToALiteralName) {
  const Names names{own("openai", "fast", "gpt-x"), anyones("smart", {"poe:x"})};

  EXPECT_EQ(names.at("!fast"), "openai:fast");
  EXPECT_EQ(names.at("!openai:fast"), "openai:fast");
  EXPECT_EQ(names.at("!smart"), "openai:smart");
}

TEST(Aliases, LeadFromOneToTheNext) {
  const Names names{own("openai", "a", "b"), own("openai", "b", "poe:c"),
                    own("poe", "c", "org/model:free"), anyones("smart", {"openai:a"})};

  EXPECT_EQ(names.at("a"), "poe:org/model:free");
  EXPECT_EQ(names.at("smart"), "poe:org/model:free");
}

TEST(Aliases, EndAtALiteralTarget) {
  const Names names{own("openai", "a", "!poe:b"), own("poe", "b", "c")};

  EXPECT_EQ(names.at("a"), "poe:b");
}

TEST(Aliases, KeepTheColonsOfAModel) {
  const Names names{own("openai", "free", "kwaipilot/kat-coder-pro:free")};

  EXPECT_EQ(names.at("openai:free"), "openai:kwaipilot/kat-coder-pro:free");
  EXPECT_EQ(names.at("openai:org/other:v1"), "openai:org/other:v1");
}

TEST(Aliases, OfEveryProviderStandBehindItsOwn) {
  Alias everyones{.key = "defaults.aliases.fast",
                  .name = "fast",
                  .scope = Alias::Scope::EveryProvider,
                  .targets = {{"small"}}};
  const Names names{everyones, own("poe", "fast", "grok")};

  EXPECT_EQ(names.at("openai:fast"), "openai:small");
  EXPECT_EQ(names.at("groq:fast"), "groq:small");
  EXPECT_EQ(names.at("poe:fast"), "poe:grok");
  EXPECT_EQ(names.at("fast"), "openai:small");
}

TEST(Aliases, OfEveryProviderAreNoAliasWhereTheyOnlyStandForThemselves) {
  const Names names{Alias{.key = "defaults.aliases.fast",
                          .name = "fast",
                          .scope = Alias::Scope::EveryProvider,
                          .targets = {{"poe:fast"}}}};

  EXPECT_EQ(names.at("fast"), "poe:fast");
  EXPECT_EQ(names.at("poe:fast"), "poe:fast");
}

TEST(Aliases, OfNoProviderComeFirst) {
  const Names names{own("openai", "fast", "gpt"), anyones("fast", {"poe:grok"})};

  EXPECT_EQ(names.at("fast"), "poe:grok");
  EXPECT_EQ(names.at("openai:fast"), "openai:gpt");
}

TEST(Aliases, WithSeveralTargetsTakeTurnsUnderEveryName) {
  const Names names{anyones("smart", {"openai:a", "poe:b"}), anyones("clever", {"smart"})};
  Balancer balancer;
  const auto next = [&](const char* name) {
    return names.resolver().resolve(name, Dialect::OpenAi, balancer)->first.model;
  };

  EXPECT_EQ(next("smart"), "a");
  EXPECT_EQ(next("clever"), "b");
  EXPECT_EQ(next("smart"), "a");
}

TEST(Aliases, WithAFallbackSayWhomToTryNext) {
  Alias smart = anyones("smart", {"openai:a"});
  smart.fallback = {"poe:b", "openai:a", "groq:c", "poe:b"};
  const Names names{smart};
  Balancer balancer;

  const auto route = names.resolver().resolve("smart", Dialect::OpenAi, balancer);

  EXPECT_EQ(names.text(route->first), "openai:a");
  ASSERT_EQ(route->rest.size(), 2u) << "nobody is tried twice";
  EXPECT_EQ(names.text(route->rest[0]), "poe:b");
  EXPECT_EQ(names.text(route->rest[1]), "groq:c");
}

TEST(Aliases, OfAWellKnownProviderNeedNoConfiguration) {
  const Names names{};

  EXPECT_EQ(names.at("openai:haiku"), "openai:gpt-5.1-mini");
  EXPECT_EQ(names.at("claude-sonnet-4-5-20250929"), "openai:gpt-5.1-codex");
  EXPECT_EQ(names.at("poe:opus"), "poe:gpt-5.1-codex-max");
  EXPECT_EQ(names.at("poe:claude-opus-4.5"), "poe:claude-opus-4.5") << "poe has that model";
  EXPECT_EQ(names.at("groq:haiku"), "groq:haiku");
}

TEST(Aliases, OfAWellKnownProviderGiveWayToOnesOwn) {
  const Names names{own("openai", "haiku", "gpt-x")};

  EXPECT_EQ(names.at("claude-haiku"), "openai:gpt-x");
  EXPECT_EQ(names.at("claude-opus"), "openai:gpt-5.2");
}

AliasRules with_profile(std::string default_profile = "") {
  AliasRules rules{.aliases = {own("poe", "big", "grok-4"), own("openai", "fast", "gpt-mini")}};
  rules.profiles.push_back({.key = "[profiles.top]",
                            .name = "top",
                            .aliases = {anyones("haiku", {"poe:big"}), anyones("x", {"haiku"})},
                            .terms = {.timeout = 7s, .retries_max = 1}});
  rules.default_profile = std::move(default_profile);
  return rules;
}

TEST(Profiles, HaveAliasesOfTheirOwnWhichAreFollowed) {
  const Names names(with_profile());

  EXPECT_EQ(names.at("top:haiku"), "poe:grok-4");
  EXPECT_EQ(names.at("TOP:x"), "poe:grok-4");
  EXPECT_EQ(names.at("x"), "openai:x");
}

TEST(Profiles, PassOnWhatTheyHaveNoAliasFor) {
  const Names names(with_profile());

  EXPECT_EQ(names.at("top:fast"), "openai:gpt-mini");
  EXPECT_EQ(names.at("top:poe:big"), "poe:grok-4");
  EXPECT_EQ(names.at("top:other"), "openai:other");
  EXPECT_EQ(names.at("top:claude-haiku-4"), "openai:gpt-5.1-mini") << "meant by the whole name";
}

TEST(Profiles, SetTheTermsOfTheRequestsThatNameThem) {
  const Names names(with_profile());
  Balancer balancer;
  const auto terms = [&](const char* name) {
    return names.resolver().resolve(name, Dialect::OpenAi, balancer)->terms;
  };

  EXPECT_EQ(terms("top:haiku"), (ProfileTerms{.timeout = 7s, .retries_max = 1}));
  EXPECT_EQ(terms("top:other").timeout, 7s);
  EXPECT_EQ(terms("haiku"), ProfileTerms{});
}

TEST(Profiles, CanBeTheDefault) {
  const Names names(with_profile("top"));
  Balancer balancer;

  EXPECT_EQ(names.at("haiku"), "poe:grok-4");
  EXPECT_EQ(names.at("openai:haiku"), "openai:gpt-5.1-mini");
  EXPECT_EQ(names.resolver().resolve("m", Dialect::OpenAi, balancer)->terms.timeout, 7s);
  EXPECT_EQ(names.resolver().resolve("poe:m", Dialect::OpenAi, balancer)->terms, ProfileTerms{});
}

TEST(Profiles, ComeBeforeAProviderOfTheSameName) {
  AliasRules rules = with_profile();
  rules.profiles[0].name = "poe";
  const Names names(std::move(rules));

  EXPECT_EQ(names.at("poe:haiku"), "poe:grok-4");
  EXPECT_EQ(names.at("poe:other"), "openai:other");
}

TEST(Aliases, ServeEachDialectByItsOwnDefaultProvider) {
  std::vector<Provider> providers{{.name = "anthropic", .doors = {{Dialect::Anthropic}}},
                                  {.name = "openai"}};
  const AliasRules rules{.aliases = {anyones("smart", {"m"})}};
  const Resolver resolver(providers, "", rules);
  Balancer balancer;

  EXPECT_EQ(resolver.resolve("smart", Dialect::Anthropic, balancer)->first.provider, 0u);
  EXPECT_EQ(resolver.resolve("smart", Dialect::OpenAi, balancer)->first.provider, 1u);
}

TEST(Aliases, LeaveAVeryLongNameAlone) {
  const Names names{own("openai", "fast", "gpt")};
  const std::string name = std::string(300, 'a') + "fast";

  EXPECT_EQ(names.at(name), "openai:" + name);
}

TEST(Aliases, AreListedByProvider) {
  const Names names{own("openai", "haiku", "gpt-x"), anyones("smart", {"poe:big", "groq:x"})};

  std::vector<std::string> listed;
  for (const auto& alias : names.resolver().aliases().listed()) {
    listed.push_back(alias.provider + "|" + alias.name + "|" + alias.targets +
                     (alias.built_in ? "|built in" : ""));
  }

  EXPECT_THAT(listed, testing::Contains("openai|haiku|gpt-x"));
  EXPECT_THAT(listed, testing::Contains("openai|opus|gpt-5.2|built in"));
  EXPECT_THAT(listed, testing::Contains("|smart|poe:big, groq:x"));
  EXPECT_THAT(names.resolver().findings().notices, IsEmpty());
}

}  // namespace
}  // namespace vdm::proxy::alias_table_test
