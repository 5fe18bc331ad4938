#include "proxy-service/convert/answer_of_stream.h"

#include <gtest/gtest.h>

namespace vdm::proxy::answer_of_stream_test {
namespace {

constexpr std::size_t BytesMax = 1024 * 1024;

std::string assembled(Dialect upstream, std::string_view stream, std::size_t piece_bytes) {
  AnswerOfStream answer(upstream, BytesMax);
  for (std::size_t at = 0; at < stream.size(); at += piece_bytes) {
    if (!answer.take(stream.substr(at, piece_bytes))) break;
  }
  const auto text = std::move(answer).take_answer();
  return text ? *text : "error: " + text.error().message;
}

std::string event(std::string_view json) {
  return std::string("data: ").append(json).append("\n\n");
}

void expect_assembled(Dialect upstream, const std::string& stream, std::string_view answer) {
  for (std::size_t piece = 1; piece <= stream.size(); piece = piece < 64 ? piece + 1 : piece * 2) {
    ASSERT_EQ(assembled(upstream, stream, piece), answer) << piece;
  }
}

const std::string Chat =
    event(R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[)"
          R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})") +
    event(R"({"choices":[{"index":0,"delta":{"reasoning_content":"Hm"}}]})") +
    event(R"({"choices":[{"index":0,"delta":{"content":"Hel"},"logprobs":{"content":[1]}}]})") +
    event(R"({"choices":[{"index":0,"delta":{"content":"lo"},"logprobs":{"content":[2]}}]})") +
    event(R"({"choices":[{"index":1,"delta":{"content":"Other"},"finish_reason":"length"}]})") +
    event(R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function",)"
          R"("function":{"name":"look","arguments":"{\"at\":"}}]}}]})") +
    event(R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,)"
          R"("function":{"arguments":"7}"}}]}}]})") +
    event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})") +
    event(R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5}})");

TEST(AnswerOfStream, HasAllThatTheChunksSaid) {
  expect_assembled(
      Dialect::OpenAi, Chat + "data: [DONE]\n\n",
      R"({"id":"c","object":"chat.completion","created":1,"model":"x","usage":{"prompt_tokens":9,)"
      R"("completion_tokens":5},"choices":[{"index":0,"message":{"role":"assistant",)"
      R"("content":"Hello","reasoning_content":"Hm","tool_calls":[{"id":"a","type":"function",)"
      R"("function":{"name":"look","arguments":"{\"at\":7}"}}]},"finish_reason":"tool_calls",)"
      R"("logprobs":{"content":[1,2]}},{"index":1,"message":{"content":"Other",)"
      R"("role":"assistant"},"finish_reason":"length"}]})");
}

TEST(AnswerOfStream, IsWholeWithoutItsLastWordButNotWithoutItsEnd) {
  EXPECT_EQ(assembled(Dialect::OpenAi, Chat, 4096).find("error"), std::string::npos);
  EXPECT_EQ(assembled(Dialect::OpenAi, event(R"({"choices":[{"delta":{"content":"A"}}]})"), 4096),
            "error: the provider's stream ended before it was complete");
}

TEST(AnswerOfStream, TellsCallsApartByPlaceAndByName) {
  const std::string place =
      event(R"({"choices":[{"delta":{"tool_calls":[{"function":{"name":"a","arguments":""}},)"
            R"({"function":{"name":"b","arguments":"{}"}}]}}]})") +
      event(R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{\"n\":1}"}},)"
            R"({"function":{"arguments":""}}]},"finish_reason":"stop"}]})");
  const std::string name =
      event(
          R"({"choices":[{"delta":{"tool_calls":[{"function":{"name":"a","arguments":"{}"}}]}}]})") +
      event(
          R"({"choices":[{"delta":{"tool_calls":[{"function":{"name":"b","arguments":""}}]}}]})") +
      event(R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":{"n":1}}}]},)"
            R"("finish_reason":"stop"}]})");

  EXPECT_NE(assembled(Dialect::OpenAi, place, 4096)
                .find(R"("tool_calls":[{"function":{"name":"a","arguments":"{\"n\":1}"},)"
                      R"("type":"function"},{"function":{"name":"b","arguments":"{}"},)"),
            std::string::npos);
  EXPECT_NE(assembled(Dialect::OpenAi, name, 4096)
                .find(R"("tool_calls":[{"function":{"name":"a","arguments":"{}"},)"
                      R"("type":"function"},{"function":{"name":"b","arguments":"{\"n\":1}"},)"),
            std::string::npos);
}

const std::string Messages =
    event(R"({"type":"message_start","message":{"id":"m","type":"message","role":"assistant",)"
          R"("content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}})") +
    event(R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking",)"
          R"("thinking":"","signature":""}})") +
    event(R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta",)"
          R"("thinking":"Hm"}})") +
    event(R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta",)"
          R"("signature":"s"}})") +
    event(R"({"type":"content_block_stop","index":0})") + event(R"({"type":"ping"})") +
    event(R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}})") +
    event(R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t",)"
          R"("name":"look","input":{}}})") +
    event(R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta",)"
          R"("partial_json":"{\"at\":"}})") +
    event(R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta",)"
          R"("partial_json":"7}"}})") +
    event(R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},)"
          R"("usage":{"output_tokens":5}})");

TEST(AnswerOfStream, HasAllThatTheEventsSaid) {
  expect_assembled(
      Dialect::Anthropic, Messages + event(R"({"type":"message_stop"})"),
      R"({"id":"m","type":"message","role":"assistant","content":[{"type":"thinking",)"
      R"("thinking":"Hm","signature":"s"},{"type":"text","text":"Hi"},{"type":"tool_use","id":"t",)"
      R"("name":"look","input":{"at":7}}],"stop_reason":"tool_use","usage":{"input_tokens":9,)"
      R"("output_tokens":5}})");
}

TEST(AnswerOfStream, OfMessagesIsWholeWithoutItsLastWordButNotWithoutItsReason) {
  EXPECT_EQ(assembled(Dialect::Anthropic, Messages, 4096).find("error"), std::string::npos);
  EXPECT_EQ(
      assembled(Dialect::Anthropic, Messages.substr(0, Messages.find("message_delta") - 16), 9),
      "error: the provider's stream ended before it was complete");
}

TEST(AnswerOfStream, IsTheErrorThatTheStreamTold) {
  expect_assembled(Dialect::OpenAi, event(R"({"error":{"message":"no"}})"),
                   R"({"error":{"message":"no"},"object":"chat.completion","choices":[]})");
  expect_assembled(Dialect::Anthropic,
                   Messages + event(R"({"type":"error","error":{"type":"t","message":"no"}})"),
                   R"({"type":"error","error":{"type":"t","message":"no"}})");
}

TEST(AnswerOfStream, IsNoneOfWhatCannotBeReadOrIsTooLarge) {
  EXPECT_EQ(assembled(Dialect::OpenAi, "data: {\"choices\"\n\n", 5),
            "error: an event of the provider's stream is not a JSON object");
  EXPECT_EQ(assembled(Dialect::OpenAi, "data: " + std::string(BytesMax, 'x'), 4096),
            "error: the provider's stream is too large to be read");
}

}  // namespace
}  // namespace vdm::proxy::answer_of_stream_test
