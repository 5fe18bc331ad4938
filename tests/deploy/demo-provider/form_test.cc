#include "deploy/demo-provider/form.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/base/sse.h"
#include "deploy/demo-provider/called_tools.h"

namespace vdm::demo::form_test {
namespace {

const Ids TheIds{.suffix = "abc", .created = 1700000000};

struct Case {
  Call call;
  Script script;
  Usage usage;
};

Case with_everything(Dialect dialect) {
  Case each;
  each.call.dialect = dialect;
  each.call.model = "demo-chat";
  each.script.thinking = {"hm", "m."};
  each.script.text = {"A", " \"B\"", "\n木"};
  each.script.tool_calls = {{.name = "weather", .argument_tokens = {"{\"city\":", "\"Oslo\"}"}},
                            {.name = "flights", .argument_tokens = {"{}"}}};
  each.usage = {.input = 60, .cache_read = 20, .cache_creation = 10, .output = 8, .reasoning = 2};
  return each;
}

std::vector<SseEvent> events_of(const std::vector<Step>& steps) {
  SseSplitter splitter(65536);
  std::vector<SseEvent> events;
  for (const Step& step : steps) EXPECT_TRUE(splitter.push(step.bytes, events));
  EXPECT_EQ(events.size(), steps.size()) << "each step is one whole event";
  return events;
}

TEST(OpenAiForm, FramesAStreamAsTheProviderDoes) {
  const Case each = with_everything(Dialect::OpenAi);

  const auto steps = openai_stream(each.call, each.script, each.usage, TheIds);

  EXPECT_EQ(steps.front().bytes,
            R"(data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,)"
            R"("model":"demo-chat","service_tier":"default","system_fingerprint":"fp_demo",)"
            R"("choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},)"
            R"("logprobs":null,"finish_reason":null}]})"
            "\n\n");
  EXPECT_EQ(steps.back().bytes, "data: [DONE]\n\n");
  for (const SseEvent& event : events_of(steps)) {
    EXPECT_EQ(event.data.find("\"usage\""), std::string::npos) << "usage was not asked for";
  }
}

TEST(OpenAiForm, TrailsTheUsageWhenItIsAskedFor) {
  Case each = with_everything(Dialect::OpenAi);
  each.call.include_usage = true;

  const auto events = events_of(openai_stream(each.call, each.script, each.usage, TheIds));

  EXPECT_TRUE(json::parse(events[0].data).at("usage").is_null());
  const auto last = json::parse(events[events.size() - 2].data);
  EXPECT_TRUE(last.at("choices").as_array().empty());
  EXPECT_EQ(last.at("usage").at("prompt_tokens").to_number<int>(), 60);
  EXPECT_EQ(last.at("usage").at("prompt_tokens_details").at("cached_tokens").to_number<int>(), 20);
  EXPECT_EQ(last.at("usage").at("completion_tokens").to_number<int>(), 8);
  EXPECT_EQ(last.at("usage").at("total_tokens").to_number<int>(), 68);
}

TEST(OpenAiForm, SaysTheSameStreamedAndWhole) {
  const Case each = with_everything(Dialect::OpenAi);

  std::string text;
  std::string thinking;
  std::map<std::int64_t, std::string> arguments;
  std::string finish;
  for (const SseEvent& event :
       events_of(openai_stream(each.call, each.script, each.usage, TheIds))) {
    if (event.data == "[DONE]") continue;
    const auto choice = json::parse(event.data).at("choices").at(0).as_object();
    const auto& delta = choice.at("delta").as_object();
    if (const auto* piece = delta.if_contains("content")) text += piece->as_string().c_str();
    if (const auto* piece = delta.if_contains("reasoning_content")) {
      thinking += piece->as_string().c_str();
    }
    if (const auto* calls = delta.if_contains("tool_calls")) {
      const auto& call = calls->at(0);
      arguments[call.at("index").to_number<std::int64_t>()] +=
          call.at("function").at("arguments").as_string().c_str();
    }
    if (choice.at("finish_reason").is_string()) finish = choice.at("finish_reason").as_string();
  }
  const auto whole = json::parse(openai_whole(each.call, each.script, each.usage, TheIds));
  const auto& message = whole.at("choices").at(0).at("message");

  EXPECT_EQ(text, message.at("content").as_string().c_str());
  EXPECT_EQ(thinking, message.at("reasoning_content").as_string().c_str());
  EXPECT_EQ(arguments[0], R"({"city":"Oslo"})");
  EXPECT_EQ(arguments[1],
            message.at("tool_calls").at(1).at("function").at("arguments").as_string().c_str());
  EXPECT_EQ(finish, "tool_calls");
}

TEST(AnthropicForm, FramesAStreamAsTheProviderDoes) {
  const Case each = with_everything(Dialect::Anthropic);

  const auto events = events_of(anthropic_stream(each.call, each.script, each.usage, TheIds));

  std::vector<std::string> names;
  for (const SseEvent& event : events) {
    EXPECT_EQ(json::parse(event.data).at("type").as_string().c_str(), event.name);
    if (names.empty() || names.back() != event.name) names.push_back(event.name);
  }
  const std::vector<std::string> wanted{
      "message_start",       "content_block_start", "ping",
      "content_block_delta", "content_block_stop",  "content_block_start",
      "content_block_delta", "content_block_stop",  "content_block_start",
      "content_block_delta", "content_block_stop",  "content_block_start",
      "content_block_delta", "content_block_stop",  "message_delta",
      "message_stop"};
  EXPECT_EQ(names, wanted);
  EXPECT_EQ(events.back().data, R"({"type":"message_stop"})");
}

TEST(AnthropicForm, CountsInputApartFromTheCache) {
  const Case each = with_everything(Dialect::Anthropic);

  const auto events = events_of(anthropic_stream(each.call, each.script, each.usage, TheIds));
  const auto first = json::parse(events.front().data).at("message").at("usage");
  const auto last = json::parse(events[events.size() - 2].data).at("usage");

  EXPECT_EQ(first.at("input_tokens").to_number<int>(), 30);
  EXPECT_EQ(first.at("cache_read_input_tokens").to_number<int>(), 20);
  EXPECT_EQ(first.at("cache_creation_input_tokens").to_number<int>(), 10);
  EXPECT_EQ(last.at("output_tokens").to_number<int>(), 8);
}

TEST(AnthropicForm, SaysTheSameStreamedAndWhole) {
  const Case each = with_everything(Dialect::Anthropic);

  std::map<std::int64_t, std::string> blocks;
  for (const SseEvent& event :
       events_of(anthropic_stream(each.call, each.script, each.usage, TheIds))) {
    if (event.name != "content_block_delta") continue;
    const auto data = json::parse(event.data).as_object();
    const auto& delta = data.at("delta").as_object();
    for (const auto* piece : {"thinking", "text", "partial_json"}) {
      if (!delta.contains(piece)) continue;
      blocks[data.at("index").to_number<std::int64_t>()] += delta.at(piece).as_string().c_str();
    }
  }
  const auto whole = json::parse(anthropic_whole(each.call, each.script, each.usage, TheIds));
  const auto& content = whole.at("content").as_array();

  ASSERT_EQ(content.size(), 4u);
  EXPECT_EQ(blocks[0], content[0].at("thinking").as_string().c_str());
  EXPECT_EQ(blocks[1], content[1].at("text").as_string().c_str());
  EXPECT_EQ(json::parse(blocks[2]), content[2].at("input"));
  EXPECT_EQ(json::parse(blocks[3]), content[3].at("input"));
  EXPECT_EQ(whole.at("stop_reason").as_string(), "tool_use");
}

TEST(CalledTools, AreFoundInBothDialectsStreamedAndWhole) {
  const std::vector<std::string> wanted{"weather", "flights"};
  for (const Dialect dialect : {Dialect::OpenAi, Dialect::Anthropic}) {
    const bool anthropic = dialect == Dialect::Anthropic;
    const Case each = with_everything(dialect);
    std::string stream;
    for (const Step& step : anthropic ? anthropic_stream(each.call, each.script, each.usage, TheIds)
                                      : openai_stream(each.call, each.script, each.usage, TheIds)) {
      stream += step.bytes;
    }
    const std::string whole = anthropic
                                  ? anthropic_whole(each.call, each.script, each.usage, TheIds)
                                  : openai_whole(each.call, each.script, each.usage, TheIds);

    for (const bool streamed : {true, false}) {
      Turn turn;
      turn.anthropic = anthropic;
      turn.stream = streamed;
      std::vector<std::string> names;
      for (const auto& [id, name] : tools_called(turn, streamed ? stream : whole)) {
        EXPECT_NE(id.find("abc"), std::string::npos);
        names.push_back(name);
      }
      EXPECT_EQ(names, wanted);
    }
  }
}

TEST(ErrorBody, IsInTheDialect) {
  const auto openai = json::parse(error_body(Dialect::OpenAi, 429, "slow \"down\"", TheIds));
  const auto anthropic = json::parse(error_body(Dialect::Anthropic, 529, "busy", TheIds));

  EXPECT_EQ(openai.at("error").at("code").as_string(), "rate_limit_exceeded");
  EXPECT_EQ(openai.at("error").at("message").as_string(), "slow \"down\"");
  EXPECT_EQ(anthropic.at("type").as_string(), "error");
  EXPECT_EQ(anthropic.at("error").at("type").as_string(), "overloaded_error");
}

}  // namespace
}  // namespace vdm::demo::form_test
