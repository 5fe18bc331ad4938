#include "proxy-service/convert/request_options.h"

#include <gtest/gtest.h>

namespace vdm::proxy {
namespace {

RequestOptions openai(std::string_view model) { return request_options(Dialect::OpenAi, model); }
RequestOptions anthropic(std::string_view model) {
  return request_options(Dialect::Anthropic, model);
}

TEST(RequestOptions, KnowOpenAisReasoningModels) {
  for (const std::string_view model : {"gpt-5", "openai/gpt-5.2", "o3-mini", "o1"}) {
    EXPECT_EQ(openai(model).token_limit, TokenLimit::MaxCompletionTokens) << model;
    EXPECT_EQ(openai(model).thinking, Thinking::Effort) << model;
    EXPECT_FALSE(openai(model).sampling) << model;
  }
  for (const std::string_view model : {"gpt-4o", "gpt-4.1", "llama-3.3", "o", "opus", ""}) {
    EXPECT_EQ(openai(model).token_limit, TokenLimit::MaxTokens) << model;
    EXPECT_EQ(openai(model).thinking, Thinking::Omit) << model;
    EXPECT_TRUE(openai(model).sampling) << model;
  }
  EXPECT_EQ(openai("gpt-5-chat-latest").thinking, Thinking::Omit);
  EXPECT_EQ(openai("gpt-5").efforts.front(), "minimal");
  EXPECT_EQ(openai("gpt-5.2").efforts.back(), "xhigh");
}

TEST(RequestOptions, KnowWhoWantsItsThoughtsBack) {
  EXPECT_TRUE(openai("google/gemini-3-pro").thought_signatures);
  EXPECT_FALSE(openai("gpt-5").thought_signatures);
  EXPECT_EQ(openai("deepseek-reasoner").reasoning_history, ReasoningHistory::Content);
  EXPECT_EQ(openai("anthropic/claude-opus-4.5").reasoning_history, ReasoningHistory::Details);
  EXPECT_EQ(openai("gpt-4o").reasoning_history, ReasoningHistory::Omit);
}

TEST(RequestOptions, KnowHowAClaudeThinks) {
  EXPECT_EQ(anthropic("claude-3-5-sonnet-20241022").thinking, Thinking::Omit);
  EXPECT_EQ(anthropic("claude-3-7-sonnet-20250219").thinking, Thinking::Budget);
  EXPECT_EQ(anthropic("claude-sonnet-4-20250514").thinking, Thinking::Budget);
  EXPECT_EQ(anthropic("claude-haiku-4-5").thinking, Thinking::Budget);
  EXPECT_EQ(anthropic("claude-opus-4-6").thinking, Thinking::Adaptive);
  EXPECT_EQ(anthropic("claude-opus-5").thinking, Thinking::Adaptive);
  EXPECT_EQ(anthropic("glm-4.6").thinking, Thinking::Omit);
}

TEST(RequestOptions, KnowWhoKeepsToASchema) {
  EXPECT_TRUE(anthropic("claude-sonnet-4-5-20250929").structured_output);
  EXPECT_FALSE(anthropic("claude-opus-4-20250514").structured_output);
  EXPECT_FALSE(anthropic("glm-4.6").structured_output);
}

}  // namespace
}  // namespace vdm::proxy
