#include "proxy-service/routing/alias_compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy-service/routing/alias_rules.h"

namespace vdm::proxy::alias_compiler_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(AliasCompiler, NamesEveryAliasOfACycleOnce) {
  const Names two{own("openai", "a", "poe:b"), own("poe", "b", "openai:a")};
  const Names three{anyones("x", {"y"}), anyones("y", {"z"}), anyones("z", {"x"}),
                    anyones("leads-there", {"x"})};

  EXPECT_THAT(two.faults(),
              ElementsAre("openai.aliases.a: expected a chain that ends with a model, got a cycle: "
                          "openai.aliases.a -> poe.aliases.b -> openai.aliases.a"));
  EXPECT_THAT(three.faults(),
              ElementsAre("aliases.x: expected a chain that ends with a model, got a cycle: "
                          "aliases.x -> aliases.y -> aliases.z -> aliases.x"));
}

TEST(AliasCompiler, RefusesAnAliasOfItself) {
  EXPECT_THAT(Names{own("openai", "gpt", "gpt")}.faults(),
              ElementsAre(HasSubstr("openai.aliases.gpt -> openai.aliases.gpt")));
  EXPECT_THAT(Names{anyones("gpt", {"poe:x", "gpt"})}.faults(),
              ElementsAre(HasSubstr("got a cycle: aliases.gpt")));
}

TEST(AliasCompiler, LetsAModelBeNamedLikeItsAlias) {
  const Names names{anyones("gpt", {"openai:gpt", "poe:gpt"}), own("openai", "gpt", "!gpt")};

  EXPECT_EQ(names.at("gpt"), "openai:gpt");
}

TEST(AliasCompiler, RefusesAChainThatIsTooLong) {
  AliasRules rules;
  for (int i = 0; i < 12; ++i) {
    rules.aliases.push_back(own("poe", "a" + std::to_string(i), "a" + std::to_string(i + 1)));
  }

  EXPECT_THAT(Names(rules).faults(),
              ElementsAre("poe.aliases.a0: expected at most 10 aliases on the way to a model"));
  rules.chain_max = 11;
  EXPECT_THAT(Names(rules).faults(), IsEmpty());
}

TEST(AliasCompiler, RefusesAListWithinAList) {
  const Names names{anyones("smart", {"openai:a", "poe:b"}), anyones("all", {"smart", "groq:c"})};

  EXPECT_THAT(
      names.faults(),
      ElementsAre("aliases.all: expected a model, got 'smart', which is a list of targets"));
}

TEST(AliasCompiler, RefusesATargetWhoseProviderHasNoKey) {
  const Names names{anyones("glm", {"zai:glm-5"})};

  EXPECT_THAT(names.faults(), ElementsAre("aliases.glm: expected a provider that has a key before "
                                          "':', got 'zai:glm-5'"));
}

TEST(AliasCompiler, LeavesOutATargetWhoseProviderHasNoKeyWhenThatIsAllowed) {
  AliasRules rules{.missing = MissingProviders::LeftOut};
  rules.aliases = {anyones("glm", {"zai:glm-5"}), anyones("both", {"zai:glm-5", "poe:glm"})};
  const Names names(rules);

  EXPECT_EQ(names.notices().size(), 2u);
  EXPECT_EQ(names.at("both"), "poe:glm");
  EXPECT_THAT(names.at("glm"), HasSubstr("no provider is known for 'glm'"));
}

TEST(AliasCompiler, DoesNotTakeTheColonOfAModelForAProvider) {
  EXPECT_THAT(Names{anyones("free", {"org/model:free"})}.faults(), IsEmpty());
}

TEST(AliasCompiler, RefusesAProfileForATarget) {
  AliasRules rules{.aliases = {anyones("a", {"top:b"})}};
  rules.profiles.push_back({.name = "top", .aliases = {}});

  EXPECT_THAT(Names(rules).faults(), ElementsAre(HasSubstr("got 'top:b'")));
}

TEST(AliasCompiler, RefusesABareTargetThatNobodyIsAskedFor) {
  const std::vector<Provider> providers{{.name = "groq"}, {.name = "poe"}};
  const AliasRules rules{.aliases = {anyones("smart", {"m"})}};

  EXPECT_THAT(Resolver(providers, "", rules).findings().faults,
              ElementsAre("aliases.smart: expected provider:model, as no provider is the default "
                          "one, got 'm'"));
}

TEST(AliasCompiler, RefusesMoreAliasesThanItLooksThrough) {
  AliasRules rules;
  for (int i = 0; i < 1001; ++i) rules.aliases.push_back(own("poe", std::to_string(i), "m"));

  EXPECT_THAT(Names(rules).faults(), ElementsAre("aliases: expected at most 1000, got '1001'"));
}

TEST(AliasCompiler, AddsUpTheWeightsOfOneTarget) {
  const Names names{anyones("m", {"poe:a", "groq:b", "poe:a"})};
  Balancer balancer;
  int at_poe = 0;

  for (int i = 0; i < 30; ++i) {
    const auto route = names.resolver().resolve("m", Dialect::OpenAi, balancer);
    EXPECT_EQ(route->rest.size(), 1u);
    if (names.text(route->first) == "poe:a") ++at_poe;
  }

  EXPECT_EQ(at_poe, 20);
}

}  // namespace
}  // namespace vdm::proxy::alias_compiler_test
