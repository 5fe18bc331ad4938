#include "deploy/demo-provider/script.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "deploy/demo-provider/words.h"

namespace vdm::demo::script_test {
namespace {

Call asking(std::string text) {
  Call call;
  call.model = "demo-chat";
  call.asked = std::move(text);
  return call;
}

Call asking_with_tools(std::string text) {
  Call call = asking(std::move(text));
  call.tools = {{.name = "weather", .schema = {}}, {.name = "flights", .schema = {}}};
  return call;
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string text;
  for (const auto& token : tokens) text += token;
  return text;
}

TEST(Words, PutTogetherAgainAreTheText) {
  for (const auto* asked : {"bread", "a word", "a poem", "x", "bee", "tcp", "the sky"}) {
    const std::string text = answer_to(asked);
    const auto tokens = tokens_of(text);

    EXPECT_EQ(joined(tokens), text);
    EXPECT_EQ(tokens.size(), count_tokens(text));
    EXPECT_GT(tokens.size(), 40u);
  }
}

TEST(Words, AreNeverCutWithinACharacter) {
  for (const std::string& token :
       tokens_of("木漏れ日木漏れ日木漏れ日🙂🙂🙂🙂🙂")) {
    EXPECT_NE(static_cast<unsigned char>(token[0]) & 0xc0, 0x80);
  }
}

TEST(Script, CallsAToolTheUserMentions) {
  EXPECT_TRUE(script_for(asking_with_tools("hello")).tool_calls.empty());
  EXPECT_TRUE(script_for(asking_with_tools("the weathers")).tool_calls.empty());

  const Script one = script_for(asking_with_tools("use weather, please"));
  const Script both = script_for(asking_with_tools("weather and flights"));

  ASSERT_EQ(one.tool_calls.size(), 1u);
  EXPECT_EQ(one.tool_calls[0].name, "weather");
  EXPECT_EQ(both.tool_calls.size(), 2u);
}

TEST(Script, DoesWhatTheToolChoiceSays) {
  Call call = asking_with_tools("weather and flights");

  call.parallel_tools = false;
  EXPECT_EQ(script_for(call).tool_calls.size(), 1u);
  call.tool_choice = ToolChoice::Never;
  EXPECT_EQ(script_for(call).tool_calls.size(), 0u);
  call.tool_choice = ToolChoice::Named;
  call.named_tool = "flights";
  EXPECT_EQ(script_for(call).tool_calls.at(0).name, "flights");
  call.asked = "nothing of the kind";
  call.tool_choice = ToolChoice::Any;
  EXPECT_EQ(script_for(call).tool_calls.size(), 1u);
}

TEST(Script, SpeaksOfAToolResultInsteadOfCallingAgain) {
  Call call = asking_with_tools("weather");
  call.tool_result = "sunny";

  const Script script = script_for(call);

  EXPECT_TRUE(script.tool_calls.empty());
  EXPECT_EQ(joined(script.text).rfind("The tool says: sunny", 0), 0u);
}

TEST(Script, StopsAtMaxTokens) {
  Call call = asking("bread");
  call.thinking = true;
  call.max_tokens = 100;

  const Script script = script_for(call);

  EXPECT_TRUE(script.at_limit);
  EXPECT_EQ(script.output_tokens(), 100u);
  EXPECT_FALSE(script_for(asking("bread")).at_limit);
}

TEST(Script, FailsAsTheModelsNameSays) {
  const auto fault = [](const char* model) {
    Call call = asking("x");
    call.model = model;
    return script_for(call).fault;
  };

  EXPECT_EQ(fault("demo-error-429"), ScriptedError::RateLimited);
  EXPECT_EQ(fault("demo-error-500"), ScriptedError::ServerError);
  EXPECT_EQ(fault("demo-error-529"), ScriptedError::Overloaded);
  EXPECT_EQ(fault("demo-cut"), ScriptedError::Cut);
  EXPECT_EQ(fault("demo-stall"), ScriptedError::Stall);
  EXPECT_EQ(fault("demo-nothing"), ScriptedError::UnknownModel);
  EXPECT_EQ(fault("demo-fast"), ScriptedError::None);
  EXPECT_EQ(fault("claude-something"), ScriptedError::None);
}

TEST(Arguments, FitTheSchema) {
  const auto schema = json::parse(R"({"type": "object", "properties": {
    "city": {"type": "string"}, "days": {"type": "integer"}, "unit": {"enum": ["C"]},
    "hours": {"type": "array", "items": {"type": "number"}}, "deep": {"type": "object",
    "properties": {"yes": {"type": "boolean"}}}}})");

  const auto arguments = json::parse(arguments_for(schema.as_object(), "weather in Lima"));

  EXPECT_EQ(arguments, json::parse(R"({"city": "Lima", "days": 3, "unit": "C", "hours": [21.5],
                                       "deep": {"yes": true}})"));
}

TEST(PromptCache, ReadsAPrefixOnceItWasSeen) {
  PromptCache cache;
  Call call = asking("x");
  call.dialect = Dialect::Anthropic;
  call.cache_asked = true;
  call.prefix = "a long system prompt";
  call.prefix_tokens = 50;
  call.input_tokens = 60;
  const Script script = script_for(call);

  const Usage first = cache.usage(call, script);
  const Usage second = cache.usage(call, script);
  call.prefix_tokens = 5;
  const Usage small = cache.usage(call, script);

  EXPECT_EQ(first.cache_creation, 50u);
  EXPECT_EQ(first.cache_read, 0u);
  EXPECT_EQ(second.cache_creation, 0u);
  EXPECT_EQ(second.cache_read, 50u);
  EXPECT_EQ(small.cache_read + small.cache_creation, 0u);
  EXPECT_EQ(second.input, 60u);
}

}  // namespace
}  // namespace vdm::demo::script_test
