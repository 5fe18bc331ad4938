#include "proxy-service/convert/answer_stream.h"

#include <gtest/gtest.h>

#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy::answer_stream_test {
namespace {

std::string streamed(Dialect dialect, std::string_view answer,
                     UsageChunk usage = UsageChunk::Show) {
  const auto stream = stream_of_answer(dialect, *parse_body(answer), usage);
  return stream ? *stream : "refused: " + stream.error().message;
}

std::string data(std::string_view json) { return std::string("data: ").append(json) + "\n\n"; }

std::string event(std::string_view name, std::string_view json) {
  return std::string("event: ").append(name).append("\n") + data(json);
}

TEST(AnswerStream, IsAnAnthropicMessageBlockByBlock) {
  EXPECT_EQ(
      streamed(
          Dialect::Anthropic,
          R"({"id":"m","type":"message","role":"assistant","model":"x","content":[)"
          R"({"type":"thinking","thinking":"Hm","signature":"s"},{"type":"text","text":"Hi"},)"
          R"({"type":"tool_use","id":"t","name":"look","input":{"at":7}},)"
          R"({"type":"tool_use","id":"u","name":"rest","input":{}}],)"
          R"("stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":5}})"),
      event(
          "message_start",
          R"({"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":0}}})") +
          event(
              "content_block_start",
              R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})") +
          event(
              "content_block_delta",
              R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}})") +
          event(
              "content_block_delta",
              R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}})") +
          event("content_block_stop", R"({"type":"content_block_stop","index":0})") +
          event(
              "content_block_start",
              R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})") +
          event(
              "content_block_delta",
              R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}})") +
          event("content_block_stop", R"({"type":"content_block_stop","index":1})") +
          event(
              "content_block_start",
              R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"look","input":{}}})") +
          event(
              "content_block_delta",
              R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"at\":7}"}})") +
          event("content_block_stop", R"({"type":"content_block_stop","index":2})") +
          event(
              "content_block_start",
              R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"u","name":"rest","input":{}}})") +
          event("content_block_stop", R"({"type":"content_block_stop","index":3})") +
          event(
              "message_delta",
              R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":9,"output_tokens":5}})") +
          event("message_stop", R"({"type":"message_stop"})"));
}

TEST(AnswerStream, SaysCitationsOneByOneAndOtherBlocksAsTheyAre) {
  const std::string stream = streamed(
      Dialect::Anthropic,
      R"({"content":[{"type":"text","text":"Hi","citations":[{"c":1},{"c":2}]},{"type":"new","a":[1]}]})");

  EXPECT_NE(stream.find(R"("content_block":{"type":"text","text":"","citations":[]})"),
            std::string::npos)
      << stream;
  EXPECT_NE(stream.find(R"("delta":{"type":"citations_delta","citation":{"c":2}})"),
            std::string::npos);
  EXPECT_NE(stream.find(R"("content_block":{"type":"new","a":[1]})"), std::string::npos);
}

constexpr std::string_view Completion =
    R"({"id":"c","object":"chat.completion","created":1,"model":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","tool_calls":[{"id":"t","type":"function","function":{"name":"look","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":5}})";

TEST(AnswerStream, IsAnOpenAiCompletionInChunks) {
  EXPECT_EQ(
      streamed(Dialect::OpenAi, Completion),
      data(
          R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi","tool_calls":[{"id":"t","type":"function","function":{"name":"look","arguments":"{}"},"index":0}]},"logprobs":null,"finish_reason":null}],"usage":null})") +
          data(
              R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":null})") +
          data(
              R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5}})") +
          data(R"([DONE])"));
}

TEST(AnswerStream, HasNoUsageThatWasNotAskedFor) {
  EXPECT_EQ(streamed(Dialect::OpenAi, Completion, UsageChunk::Hide).find("usage"),
            std::string::npos);
}

TEST(AnswerStream, IsNotMadeOfWhatIsNoAnswer) {
  EXPECT_EQ(streamed(Dialect::Anthropic, "{}"),
            "refused: the provider's answer: expected content, found none");
  EXPECT_EQ(streamed(Dialect::OpenAi, R"({"choices":[]})"),
            "refused: the provider's answer: expected choices, found none");
  EXPECT_EQ(streamed(Dialect::OpenAi, R"({"choices":[{}]})"),
            "refused: the provider's answer: expected choices[].message, found none");
}

}  // namespace
}  // namespace vdm::proxy::answer_stream_test
