#include "proxy-service/routing/resolver.h"

#include <gtest/gtest.h>

#include "proxy-service/routing/model_ref.h"

namespace vdm::proxy::resolver_test {
namespace {

std::vector<Provider> providers_named(std::initializer_list<const char*> names) {
  std::vector<Provider> providers;
  for (const char* name : names) providers.push_back({.name = name});
  return providers;
}

/// What a name comes to, for a test that asks for one target.
Result<Target> resolve(const Resolver& resolver, std::string_view name,
                       Dialect client = Dialect::OpenAi) {
  Balancer balancer;
  auto route = resolver.resolve(name, client, balancer);
  if (!route) return route.error();
  return std::move(route->first);
}

TEST(ModelRef, SplitsAtTheFirstColonAfterAKnownProvider) {
  const auto providers = providers_named({"openai", "openrouter"});

  const auto ref = parse_model_ref("openrouter:org/model:free", providers);

  EXPECT_EQ(ref.provider, 1u);
  EXPECT_EQ(ref.model, "org/model:free");
}

TEST(ModelRef, LeavesAModelThatHasAColonWhole) {
  const auto ref = parse_model_ref("org/model:free", providers_named({"openai"}));

  EXPECT_FALSE(ref.provider);
  EXPECT_EQ(ref.model, "org/model:free");
}

TEST(ModelRef, KnowsAProviderInAnyCase) {
  EXPECT_EQ(parse_model_ref("OpenAI:gpt", providers_named({"anthropic", "openai"})).provider, 1u);
}

TEST(ModelRef, StripsTheLiteralMark) {
  const auto ref = parse_model_ref("!openai:gpt", providers_named({"openai"}));

  EXPECT_TRUE(ref.literal);
  EXPECT_EQ(ref.provider, 0u);
  EXPECT_EQ(ref.model, "gpt");
}

TEST(Resolver, SendsAnUnprefixedNameToTheDefaultProvider) {
  const auto providers = providers_named({"anthropic", "openai", "poe"});
  const Resolver resolver(providers, "poe");

  const auto target = resolve(resolver, "gpt");

  ASSERT_TRUE(target);
  EXPECT_EQ(target->provider, 2u);
  EXPECT_EQ(target->model, "gpt");
}

TEST(Resolver, UsesTheOnlyProviderThereIs) {
  const auto providers = providers_named({"poe"});

  EXPECT_EQ(resolve(Resolver(providers, ""), "gpt", Dialect::Anthropic)->provider, 0u);
}

TEST(Resolver, PrefersTheClientsOwnDialectWithoutADefault) {
  const auto providers = providers_named({"anthropic", "openai", "poe"});
  const Resolver resolver(providers, "");

  EXPECT_EQ(resolve(resolver, "m", Dialect::Anthropic)->provider, 0u);
  EXPECT_EQ(resolve(resolver, "m", Dialect::OpenAi)->provider, 1u);
}

TEST(Resolver, TakesTheOnlyProviderOfTheClientsDialectWithoutADefault) {
  auto providers = providers_named({"demo"});
  providers.push_back({.name = "democlaude", .doors = {{Dialect::Anthropic}}});
  const Resolver resolver(providers, "");

  EXPECT_EQ(resolve(resolver, "m", Dialect::OpenAi)->provider, 0u);
  EXPECT_EQ(resolve(resolver, "m", Dialect::Anthropic)->provider, 1u);
}

TEST(Resolver, SendsBareNamesToAnImpliedProviderOnlyWhereThereIsNoOther) {
  auto providers = providers_named({"groq"});
  providers.push_back(
      {.name = "anthropic", .doors = {{Dialect::Anthropic}}, .implied_for = "sk-ant-"});

  EXPECT_EQ(resolve(Resolver(providers, ""), "m", Dialect::Anthropic)->provider, 0u);
  EXPECT_EQ(resolve(Resolver(providers, ""), "anthropic:m", Dialect::Anthropic)->provider, 1u);
  EXPECT_EQ(resolve(Resolver(providers, "anthropic"), "m", Dialect::Anthropic)->provider, 1u);
  providers.erase(providers.begin());
  EXPECT_EQ(resolve(Resolver(providers, ""), "m", Dialect::Anthropic)->provider, 0u);
}

TEST(Resolver, NamesTheKnownProvidersWhenNoneFits) {
  const auto providers = providers_named({"groq", "poe"});

  const auto target = resolve(Resolver(providers, ""), "gpt");

  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().kind, ErrorKind::UnknownModel);
  EXPECT_EQ(target.error().message,
            "model: no provider is known for 'gpt'; write provider:model with one of groq, poe");
}

TEST(Resolver, AsksNoOtherVendorForAKnownProviderWithoutAKey) {
  const auto providers = providers_named({"poe"});
  const Resolver resolver(providers, "poe");

  for (const char* name : {"openai:gpt-4", "OpenAI:gpt-4"}) {
    const auto target = resolve(resolver, name);

    ASSERT_FALSE(target) << name;
    EXPECT_EQ(target.error().kind, ErrorKind::UnknownModel);
    EXPECT_EQ(target.error().message,
              "provider openai has no key: set OPENAI_API_KEY; a model of that name is written !" +
                  std::string(name));
  }
  EXPECT_EQ(resolve(resolver, "!openai:gpt-4")->model, "openai:gpt-4");
  EXPECT_EQ(resolve(resolver, "unheard-of:7b")->model, "unheard-of:7b");
  EXPECT_EQ(resolver.absent_provider("openai:gpt-4"), "openai");
  EXPECT_EQ(resolver.absent_provider("poe:gpt-4"), "");
  EXPECT_EQ(resolver.absent_provider("openai"), "");
}

TEST(Resolver, AsksNoOtherVendorForAProviderThatWasRemoved) {
  const auto providers = providers_named({"poe"});
  const Resolver resolver(providers, "poe", {}, FactsTable::built_in(), {"my-own", "poe"});

  const auto target = resolve(resolver, "my-own:m");

  ASSERT_FALSE(target);
  EXPECT_NE(target.error().message.find("provider my-own has no key: set MY_OWN_API_KEY"),
            std::string::npos);
  EXPECT_TRUE(resolve(resolver, "poe:m"));
}

TEST(Resolver, TakesAnAliasForAnAbsentProvidersModelOnlyIfItIsTheWholeName) {
  const auto providers = providers_named({"poe"});
  AliasRules rules;
  rules.aliases = {{.key = "aliases.mistral:7b", .name = "mistral:7b", .targets = {{"poe:local"}}},
                   {.key = "POE_ALIAS_GPT",
                    .name = "gpt",
                    .scope = Alias::Scope::Provider,
                    .provider = "poe",
                    .targets = {{"poes-own"}}}};
  const Resolver resolver(providers, "poe", rules);
  ASSERT_TRUE(resolver.findings().faults.empty());

  EXPECT_EQ(resolve(resolver, "mistral:7b")->model, "local");
  EXPECT_EQ(resolve(resolver, "gpt-4")->model, "poes-own");
  EXPECT_FALSE(resolve(resolver, "openai:gpt-4"));
}

TEST(Resolver, KnowsAMisspeltProvider) {
  const auto providers = providers_named({"my-own", "poe"});
  const Resolver resolver(providers, "poe");

  EXPECT_EQ(resolver.near_miss("opnai:gpt-4"), "openai:gpt-4");
  EXPECT_EQ(resolver.near_miss("my_own:gpt-4"), "my-own:gpt-4");
  EXPECT_EQ(resolver.near_miss("openai:gpt-4"), "");
  EXPECT_EQ(resolver.near_miss("poe:gpt-4"), "");
  EXPECT_EQ(resolver.near_miss("something-else:gpt-4"), "");
  EXPECT_EQ(resolver.near_miss("gpt-4"), "");
  std::string long_name(70, 'x');
  long_name.append(":m");
  EXPECT_EQ(resolver.near_miss(long_name), "");
}

TEST(Resolver, RefusesAProviderWithoutAModel) {
  const auto providers = providers_named({"poe"});

  for (const char* name : {"poe:", "!", "!poe:"}) {
    const auto target = resolve(Resolver(providers, ""), name);

    ASSERT_FALSE(target) << name;
    EXPECT_EQ(target.error().kind, ErrorKind::InvalidRequest);
  }
}

TEST(Resolver, TakesTheDialectFromTheProvider) {
  auto providers = providers_named({"openai"});
  providers.push_back({.name = "zai", .doors = {{Dialect::Anthropic}}});

  EXPECT_EQ(resolve(Resolver(providers, ""), "zai:glm")->dialect, Dialect::Anthropic);
}

TEST(Resolver, TakesTheDoorOfTheClientsDialectElseTheFirst) {
  std::vector<Provider> providers = providers_named({"both", "one"});
  providers[0].doors = {{Dialect::OpenAi}, {Dialect::Anthropic}};
  const Resolver resolver(providers, "both");

  EXPECT_EQ(resolve(resolver, "both:m", Dialect::OpenAi)->dialect, Dialect::OpenAi);
  EXPECT_EQ(resolve(resolver, "both:m", Dialect::Anthropic)->dialect, Dialect::Anthropic);
  EXPECT_EQ(resolve(resolver, "m", Dialect::Anthropic)->dialect, Dialect::Anthropic);
  EXPECT_EQ(resolve(resolver, "one:m", Dialect::Anthropic)->dialect, Dialect::OpenAi);
}

TEST(Resolver, TakesTheClientsDoorForEveryTargetOfAnAlias) {
  std::vector<Provider> providers = providers_named({"both", "one"});
  providers[0].doors = {{Dialect::OpenAi}, {Dialect::Anthropic}};
  AliasRules rules;
  rules.aliases.push_back({.key = "aliases.fast",
                           .name = "fast",
                           .scope = Alias::Scope::Provider,
                           .provider = "both",
                           .targets = {{"both:m"}},
                           .fallback = {"one:m", "both:n"}});
  const Resolver resolver(providers, "both", rules);
  ASSERT_TRUE(resolver.findings().faults.empty());

  for (const Dialect client : {Dialect::Anthropic, Dialect::OpenAi, Dialect::Anthropic}) {
    Balancer balancer;
    const auto route = resolver.resolve("fast", client, balancer);

    ASSERT_TRUE(route);
    EXPECT_EQ(route->first, (Target{0, "m", client}));
    ASSERT_EQ(route->rest.size(), 2u);
    EXPECT_EQ(route->rest[0], (Target{1, "m", Dialect::OpenAi}));
    EXPECT_EQ(route->rest[1], (Target{0, "n", client}));
  }
}

TEST(Resolver, JudgesWhoServesBareNamesByFirstDoors) {
  std::vector<Provider> providers = providers_named({"groq", "openrouter"});
  providers[1].doors = {{Dialect::OpenAi}, {Dialect::Anthropic}};
  const Resolver resolver(providers, "");

  EXPECT_EQ(resolver.asked(Dialect::Anthropic), std::nullopt);
}

}  // namespace
}  // namespace vdm::proxy::resolver_test
