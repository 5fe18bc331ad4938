#include "proxy-service/providers/facts_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::proxy::facts_table_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ModelFacts facts_of(std::string_view provider, std::string_view model,
                    DoorDialect door = DoorDialect::Chat) {
  return FactsTable::built_in().find(provider, model, door).facts;
}

ModelFacts claude(std::string_view model) {
  return facts_of("anthropic", model, DoorDialect::Messages);
}

FactsTable table_of(std::string_view text) {
  FactsTable table;
  FactsDocuments documents;
  std::vector<std::string> faults;
  read_facts(text, "test", documents, faults);
  EXPECT_THAT(faults, IsEmpty());
  table.add(std::move(documents));
  return table;
}

TEST(BuiltInFacts, KnowOpenAisReasoningModelsWhereverTheyAreServed) {
  for (const std::string_view model : {"gpt-5", "openai/gpt-5.2", "o3-mini", "o1", "gpt-5.4"}) {
    for (const std::string_view provider : {"openai", "azure", "somebody"}) {
      const ModelFacts facts = facts_of(provider, model);
      EXPECT_EQ(facts.token_limit, TokenLimit::MaxCompletionTokens) << provider << ":" << model;
      EXPECT_EQ(facts.reasoning, Reasoning::Effort) << provider << ":" << model;
      EXPECT_FALSE(facts.has(Trait::TakesSampling)) << provider << ":" << model;
      EXPECT_FALSE(facts.has(Trait::TakesStop)) << provider << ":" << model;
    }
  }
  for (const std::string_view model : {"gpt-4o", "gpt-4.1", "llama-3.3", "o", "opus", ""}) {
    EXPECT_EQ(facts_of("openai", model).token_limit, TokenLimit::MaxTokens) << model;
    EXPECT_EQ(facts_of("openai", model).reasoning, Reasoning::None) << model;
    EXPECT_TRUE(facts_of("openai", model).has(Trait::TakesSampling)) << model;
  }
  EXPECT_EQ(facts_of("openai", "gpt-5-chat-latest").reasoning, Reasoning::None);
  EXPECT_EQ(facts_of("openai", "gpt-5").efforts.front().word, "minimal");
  EXPECT_EQ(facts_of("openai", "gpt-5.2").efforts.back().word, "xhigh");
  EXPECT_FALSE(facts_of("openai", "gpt-5.4").has(Trait::TakesEffortWithTools));
  EXPECT_TRUE(facts_of("openai", "gpt-5.6-sol").has(Trait::WantsEffortOffWithTools));
  EXPECT_EQ(facts_of("openai", "gpt-5.6-sol").effort_off, "none");
}

TEST(BuiltInFacts, KnowWhoWantsItsThoughtsBack) {
  EXPECT_TRUE(facts_of("openrouter", "google/gemini-3-pro").has(Trait::WantsThoughtSignatures));
  EXPECT_FALSE(facts_of("openai", "gpt-5").has(Trait::WantsThoughtSignatures));
  EXPECT_EQ(facts_of("deepseek", "deepseek-v4-pro").reasoning_history, ReasoningHistory::Content);
  EXPECT_EQ(facts_of("", "deepseek-reasoner").reasoning_history, ReasoningHistory::Content);
  EXPECT_EQ(facts_of("openrouter", "anthropic/claude-opus-4.5").reasoning_history,
            ReasoningHistory::Details);
  EXPECT_EQ(facts_of("openai", "gpt-4o").reasoning_history, ReasoningHistory::Omit);
}

TEST(BuiltInFacts, KnowHowAClaudeThinks) {
  EXPECT_EQ(claude("claude-3-5-sonnet-20241022").reasoning, Reasoning::None);
  EXPECT_EQ(claude("claude-3-7-sonnet-20250219").reasoning, Reasoning::Budget);
  EXPECT_EQ(claude("claude-sonnet-4-20250514").reasoning, Reasoning::Budget);
  EXPECT_EQ(claude("claude-haiku-4-5").reasoning, Reasoning::Budget);
  EXPECT_EQ(claude("claude-opus-4-6").reasoning, Reasoning::Adaptive);
  EXPECT_EQ(claude("claude-opus-5").reasoning, Reasoning::Adaptive);
  EXPECT_EQ(claude("claude-opus-9").reasoning, Reasoning::Adaptive) << "a model of tomorrow";
  EXPECT_EQ(facts_of("", "glm-4.6", DoorDialect::Messages).has(Trait::TakesStrict), false);
  EXPECT_TRUE(claude("claude-sonnet-4-5-20250929").has(Trait::TakesStrict));
  EXPECT_FALSE(claude("claude-opus-4-20250514").has(Trait::TakesStrict));
  EXPECT_FALSE(claude("claude-sonnet-4-5").has(Trait::TakesTemperatureWithTopP));
  EXPECT_FALSE(claude("claude-opus-4-7").has(Trait::TakesSampling));
}

TEST(BuiltInFacts, LetAProvidersRefusalWinOverWhatTheModelCanDo) {
  EXPECT_EQ(facts_of("zai", "glm-4.7").reasoning_history, ReasoningHistory::Content);
  EXPECT_EQ(facts_of("cerebras", "glm-4.7").reasoning_history, ReasoningHistory::Omit);
  EXPECT_EQ(facts_of("groq", "deepseek-reasoner").reasoning_history, ReasoningHistory::Omit);
  EXPECT_FALSE(facts_of("mistral", "gpt-4o").has(Trait::TakesStreamOptions));
  EXPECT_EQ(facts_of("mistral", "mistral-large-latest").call_ids, CallIds::NineAlphanumerics);
}

TEST(BuiltInFacts, StateAWindowAndAPriceForTheVeryModelOnly) {
  EXPECT_EQ(facts_of("openai", "gpt-5.4").context_tokens, 1'050'000);
  EXPECT_EQ(facts_of("openai", "gpt-5.4").prices.input, 2.5);
  EXPECT_EQ(facts_of("openai", "gpt-5.4").price_tiers.at(0).above_input_tokens, 272'000);
  EXPECT_EQ(facts_of("openai", "gpt-4o-2030-01-01").prices.input, 2.5) << "the same model, dated";
  EXPECT_EQ(facts_of("openai", "gpt-5.9").context_tokens, std::nullopt) << "a guess at its family";
  EXPECT_EQ(facts_of("openai", "gpt-5.9").prices, Prices{});
  EXPECT_EQ(facts_of("openai", "gpt-4").prices.cache_read, std::nullopt) << "null in the source";
}

TEST(BuiltInFacts, NameTheMakersOfTheDialects) {
  EXPECT_EQ(FactsTable::built_in().home_of(DoorDialect::Messages), "anthropic");
  EXPECT_EQ(FactsTable::built_in().home_of(DoorDialect::Chat), "openai");
}

constexpr std::string_view Layers = R"([
  {"dialect": "chat", "defaults": {"takes": {"stop": true, "store": true}}},
  {"provider": "maker", "maker": true, "vendor_names": ["make"],
   "defaults": {"takes": {"store": false}},
   "models": {"m1": {"reasoning": "effort", "context_tokens": 100, "takes": {"stop": false}},
              "m*": {"takes": {"sampling": true}}}},
  {"provider": "shop", "defaults": {"takes": {"stop": true}},
   "models": {"make/m2": {"takes": {"stop": false}}}}])";

TEST(FactsTable, LaysTheProvidersOwnRowsOverItsMakers) {
  const FactsTable table = table_of(Layers);

  const FoundFacts at_maker = table.find("maker", "m1", DoorDialect::Chat);
  EXPECT_FALSE(at_maker.facts.has(Trait::TakesStop));
  EXPECT_FALSE(at_maker.facts.has(Trait::TakesStore));
  EXPECT_TRUE(at_maker.facts.has(Trait::TakesSampling)) << "of the family beneath";

  const FoundFacts at_shop = table.find("shop", "make/m1", DoorDialect::Chat);
  EXPECT_TRUE(at_shop.facts.has(Trait::TakesStop)) << "the shop's word wins";
  EXPECT_TRUE(at_shop.facts.has(Trait::TakesStore)) << "a maker's defaults are of its own door";
  EXPECT_EQ(at_shop.facts.context_tokens, 100);
  std::vector<std::string> rows;
  for (const FactsLayer& layer : at_shop.layers) rows.push_back(layer.provider + ":" + layer.row);
  EXPECT_THAT(rows, ElementsAre(":", "maker:m*", "maker:m1", "shop:"));

  EXPECT_FALSE(table.find("shop", "make/m2", DoorDialect::Chat).facts.has(Trait::TakesStop));
}

TEST(FactsTable, TakesAFamilyOnlyWhereAWordEnds) {
  const FactsTable table = table_of(R"({"provider": "p", "models": {
      "gpt-5": {"reasoning": "effort", "context_tokens": 7}, "o3*": {"reasoning": "budget"}}})");

  EXPECT_EQ(table.find("p", "gpt-5-nano", DoorDialect::Chat).facts.reasoning, Reasoning::Effort);
  EXPECT_EQ(table.find("p", "gpt-5.9", DoorDialect::Chat).facts.reasoning, Reasoning::Effort);
  EXPECT_EQ(table.find("p", "gpt-50", DoorDialect::Chat).facts.reasoning, Reasoning::None);
  EXPECT_EQ(table.find("p", "o3x", DoorDialect::Chat).facts.reasoning, Reasoning::Budget);
  EXPECT_EQ(table.find("p", "gpt-5-nano", DoorDialect::Chat).facts.context_tokens, std::nullopt);
}

TEST(FactsTable, ChangesOnlyWhatALaterFileStates) {
  FactsTable table = table_of(Layers);
  FactsDocuments later;
  std::vector<std::string> faults;
  read_facts(R"({"provider": "maker", "models": {"m1": {"usd_per_million": {"input": 3}}}})",
             "later", later, faults);
  table.add(std::move(later));

  const ModelFacts facts = table.find("maker", "m1", DoorDialect::Chat).facts;
  EXPECT_EQ(facts.prices.input, 3);
  EXPECT_EQ(facts.context_tokens, 100);
  EXPECT_FALSE(facts.has(Trait::TakesStop));
}

}  // namespace
}  // namespace vdm::proxy::facts_table_test
