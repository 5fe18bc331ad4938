#include "deploy/demo-provider/call.h"

#include <gtest/gtest.h>

namespace vdm::demo::call_test {
namespace {

TEST(Call, ReadsAnAnthropicRequest) {
  const auto call = read_call(Dialect::Anthropic, R"({
    "model": "demo-chat", "max_tokens": 100, "stream": true,
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "system": [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}],
    "tools": [{"name": "weather", "input_schema": {"type": "object"}}],
    "tool_choice": {"type": "any", "disable_parallel_tool_use": true},
    "messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]})");

  ASSERT_TRUE(call) << call.error().message;
  EXPECT_TRUE(call->stream);
  EXPECT_TRUE(call->thinking);
  EXPECT_TRUE(call->cache_asked);
  EXPECT_FALSE(call->parallel_tools);
  EXPECT_EQ(call->asked, "hello");
  EXPECT_EQ(call->tool_choice, ToolChoice::Any);
  ASSERT_EQ(call->tools.size(), 1u);
  EXPECT_EQ(call->tools[0].name, "weather");
  EXPECT_GT(call->input_tokens, call->prefix_tokens);
}

TEST(Call, ReadsAnOpenAiRequest) {
  const auto call = read_call(Dialect::OpenAi, R"({
    "model": "demo-chat", "stream": true, "stream_options": {"include_usage": true},
    "tool_choice": {"type": "function", "function": {"name": "weather"}},
    "tools": [{"type": "function", "function": {"name": "weather", "parameters": {}}}],
    "messages": [{"role": "system", "content": "be brief"},
                 {"role": "user", "content": "hello"},
                 {"role": "assistant", "content": null},
                 {"role": "tool", "tool_call_id": "a", "content": "sunny"}]})");

  ASSERT_TRUE(call) << call.error().message;
  EXPECT_TRUE(call->include_usage);
  EXPECT_EQ(call->tool_choice, ToolChoice::Named);
  EXPECT_EQ(call->named_tool, "weather");
  EXPECT_EQ(call->asked, "hello");
  EXPECT_EQ(call->tool_result, "sunny");
}

TEST(Call, SeesAToolResultOnlyInTheLastMessage) {
  const auto call = read_call(Dialect::Anthropic, R"({"model": "m", "max_tokens": 9, "messages": [
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "sunny"}]},
    {"role": "assistant", "content": "It is sunny."},
    {"role": "user", "content": "and tomorrow?"}]})");

  ASSERT_TRUE(call);
  EXPECT_EQ(call->tool_result, "");
  EXPECT_EQ(call->asked, "and tomorrow?");
}

TEST(Call, NamesTheFieldItRefuses) {
  const auto refusal = [](Dialect dialect, const char* body) {
    const auto call = read_call(dialect, body);
    return call ? std::string() : call.error().message;
  };

  EXPECT_EQ(refusal(Dialect::OpenAi, "[1"), "the body is not a JSON object");
  EXPECT_EQ(refusal(Dialect::OpenAi, R"({"model": 3})"), "model: expected a model name");
  EXPECT_EQ(refusal(Dialect::OpenAi, R"({"model": "m", "messages": []})"),
            "messages: expected an array with at least one message");
  EXPECT_EQ(refusal(Dialect::Anthropic, R"({"model": "m", "messages": [{}]})"),
            "max_tokens: Field required");
  EXPECT_EQ(refusal(Dialect::OpenAi, R"({"model": "m", "messages": [{}], "max_tokens": 0})"),
            "max_tokens: expected a positive integer");
}

}  // namespace
}  // namespace vdm::demo::call_test
