#include "proxy-service/convert/messages_to_chat/stream.h"

#include <gtest/gtest.h>

#include "tests/proxy-service/convert/converted_stream.h"
#include "tests/proxy-service/convert/stream_checks.h"

namespace vdm::proxy::messages_to_chat_stream_test {
namespace {

std::string event(std::string_view json) {
  return std::string("data: ").append(json).append("\n\n");
}

const std::string Start =
    event(R"({"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}})");
const std::string Text =
    event(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}})");
const std::string EndTurn = event(
    R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}})");
const std::string Stop = event(R"({"type":"message_stop"})");

enum class UsageChunk { Asked, NotAsked };

ConvertedStream convert(const std::string& given, UsageChunk usage = UsageChunk::NotAsked) {
  const ToolNames names = some_tool_names();
  StreamOptions options = some_stream_options(names);
  options.include_usage = usage == UsageChunk::Asked;
  return convert_stream(Dialect::Anthropic, options, {given});
}

SeenStream seen_in(const ConvertedStream& converted) {
  SeenStream seen = read_openai_stream(converted.out);
  EXPECT_EQ(seen.fault, "");
  return seen;
}

TEST(StreamMessagesToChat, SaysTheUsageOnlyWhenAsked) {
  const SeenStream asked = seen_in(convert(Start + Text + EndTurn + Stop, UsageChunk::Asked));
  const SeenStream not_asked = seen_in(convert(Start + Text + EndTurn + Stop));

  EXPECT_EQ(asked.input_tokens, 5u);
  EXPECT_EQ(asked.output_tokens, 9u);
  EXPECT_EQ(not_asked.output_tokens, std::nullopt);
}

TEST(StreamMessagesToChat, BreaksOffAtTooManyCalls) {
  std::string given = Start;
  for (std::size_t i = 0; i <= StreamMessagesToChat::calls_max; ++i) {
    given += event(R"({"type":"content_block_start","index":)" + std::to_string(i) +
                   R"(,"content_block":{"type":"tool_use","id":"t","name":"n"}})");
  }

  const ConvertedStream converted = convert(given + Stop);

  EXPECT_EQ(converted.fault, "the provider's stream has too many tool calls");
  EXPECT_FALSE(converted.whole);
  EXPECT_EQ(seen_in(converted).blocks.size(), StreamMessagesToChat::calls_max);
}

TEST(StreamMessagesToChat, BreaksOffAtWhatItCannotRead) {
  const std::string_view faults[] = {R"({"type":"content_block_delta")", "nonsense", "[]",
                                     R"({"delta":{"type":"text_delta","text":"\q"}})"};
  for (const std::string_view fault : faults) {
    const ConvertedStream converted = convert(Start + Text + event(fault) + EndTurn + Stop);

    EXPECT_NE(converted.fault, "") << fault;
    EXPECT_FALSE(converted.whole);
    EXPECT_EQ(seen_in(converted).content(), "text:Hi");
  }
}

TEST(StreamMessagesToChat, InventsNoEnd) {
  EXPECT_FALSE(convert("").whole);
  EXPECT_FALSE(convert(Start + Text).whole);
  EXPECT_FALSE(seen_in(convert(Start + Text)).ended);
}

TEST(StreamMessagesToChat, WritesNothingAfterTheEnd) {
  const std::string whole = Start + Text + EndTurn + Stop;

  EXPECT_EQ(convert(whole + Text + Stop).out, convert(whole).out);
}

TEST(StreamMessagesToChat, SaysWhenTheContentBegins) {
  const ConvertedStream converted = convert(Start + Text + Text + EndTurn + Stop);

  EXPECT_EQ(converted.content_began, 1);
  EXPECT_EQ(convert(Start + EndTurn + Stop).content_began, 0);
}

TEST(StreamMessagesToChat, GivesAnErrorTheWordOfItsMeaning) {
  const ConvertedStream converted =
      convert(Start + Text + event(R"({"type":"error","error":{"type":"rate_limit_error"}})"));

  EXPECT_EQ(converted.error_type, "rate_limit_error");
  EXPECT_TRUE(converted.out.ends_with(
      "data: {\"error\":{\"message\":\"the provider answered with status 429 and no message\","
      "\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}\n\n"));
}

}  // namespace
}  // namespace vdm::proxy::messages_to_chat_stream_test
