#include "proxy-service/routing/resolver.h"

#include <gtest/gtest.h>

#include "proxy-service/routing/model_ref.h"

namespace vdm::proxy {
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
  providers.push_back({.name = "democlaude", .dialect = Dialect::Anthropic});
  const Resolver resolver(providers, "");

  EXPECT_EQ(resolve(resolver, "m", Dialect::OpenAi)->provider, 0u);
  EXPECT_EQ(resolve(resolver, "m", Dialect::Anthropic)->provider, 1u);
}

TEST(Resolver, NamesTheKnownProvidersWhenNoneFits) {
  const auto providers = providers_named({"groq", "poe"});

  const auto target = resolve(Resolver(providers, ""), "gpt");

  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().kind, ErrorKind::UnknownModel);
  EXPECT_EQ(target.error().message,
            "model: no provider is known for 'gpt'; write provider:model with one of groq, poe");
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
  providers.push_back({.name = "zai", .dialect = Dialect::Anthropic});

  EXPECT_EQ(resolve(Resolver(providers, ""), "zai:glm")->dialect, Dialect::Anthropic);
}

}  // namespace
}  // namespace vdm::proxy
