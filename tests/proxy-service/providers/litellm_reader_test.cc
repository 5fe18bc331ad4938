#include "proxy-service/providers/litellm_reader.h"

#include <gtest/gtest.h>

namespace vdm::proxy::litellm_reader_test {
namespace {

// Three entries in the form of LiteLLM's model_prices_and_context_window.json, and two to leave
// out.
constexpr std::string_view List = R"({
  "sample_spec": {"litellm_provider": "one of https://docs", "max_tokens": "legacy"},
  "gpt-9": {"litellm_provider": "openai", "mode": "chat",
            "max_input_tokens": 128000, "max_output_tokens": 16384,
            "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
            "cache_read_input_token_cost": 1.25e-06,
            "input_cost_per_token_above_200k_tokens": 5e-06,
            "supports_vision": true, "supports_pdf_input": true,
            "supports_response_schema": false},
  "together_ai/acme/big": {"litellm_provider": "together_ai", "input_cost_per_token": 0},
  "odd": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": "many"},
  "ada": {"litellm_provider": "openai", "mode": "embedding", "max_input_tokens": 8191}})";

TEST(LiteLlmReader, TakesPricesWindowsAndWhatIsSupported) {
  FactsTable table = FactsTable::built_in();
  FactsDocuments documents;
  ASSERT_TRUE(read_litellm(List, table, documents));
  table.add(std::move(documents));

  const ModelFacts facts = table.find("openai", "gpt-9", DoorDialect::Chat).facts;
  EXPECT_EQ(facts.context_tokens, 128'000);
  EXPECT_EQ(facts.output_tokens_max, 16'384);
  EXPECT_EQ(facts.prices.input, 2.5);
  EXPECT_EQ(facts.prices.output, 10);
  EXPECT_EQ(facts.prices.cache_read, 1.25);
  EXPECT_EQ(facts.prices.cache_write, std::nullopt);
  ASSERT_EQ(facts.price_tiers.size(), 1u);
  EXPECT_EQ(facts.price_tiers[0].prices.input, 5);
  EXPECT_EQ(facts.input, (std::vector<std::string>{"text", "image", "document"}));
  EXPECT_FALSE(facts.has(Trait::TakesStrict));
  EXPECT_EQ(facts.reasoning, Reasoning::Effort) << "what its family does stays";
  EXPECT_EQ(table.find("together", "acme/big", DoorDialect::Chat).facts.prices.input, 0);
}

TEST(LiteLlmReader, LeavesOtherFilesAlone) {
  FactsDocuments documents;
  for (const char* text : {"", "[]", "{}", R"({"provider": "p"})", R"({"a": {"b": 1}})", "{"}) {
    EXPECT_FALSE(read_litellm(text, FactsTable::built_in(), documents)) << text;
  }
}

}  // namespace
}  // namespace vdm::proxy::litellm_reader_test
