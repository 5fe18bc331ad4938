#include "proxy-service/tap/tap.h"

#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "common/base/sse.h"

namespace vdm::proxy::tap_test {
namespace {

/// Streams as the providers send them; see tests/golden/stream.
std::string golden(std::string_view name) {
  std::ifstream file(std::string(VDM_GOLDEN_DIR "/stream/").append(name), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

Dialect dialect_of(std::string_view name) {
  return name.starts_with("anthropic") ? Dialect::Anthropic : Dialect::OpenAi;
}

/// What came out of a whole stream, with the number of the event that said so.
struct Heard {
  TapFacts facts;
  int events = 0;
  int first_token_at = 0;
  int usage_only_at = 0;
  int terminal_at = 0;
  int error_at = 0;

  std::string text() const {
    std::ostringstream out;
    const Usage& u = facts.usage;
    out << "in " << u.input_tokens << " out " << u.output_tokens << (u.output_estimated ? "~" : "")
        << " read " << u.cache_read_tokens << " created " << u.cache_creation_tokens
        << " reasoning " << u.reasoning_tokens << " tools " << facts.tool_call_count << " finish "
        << facts.finish_reason << " error " << facts.error_type << (facts.malformed ? " bad" : "")
        << " | first " << first_token_at << " usage " << usage_only_at << " end " << terminal_at
        << " error " << error_at;
    return out.str();
  }
};

/// Feeds the bytes piece by piece through the framer, as the relay does.
Heard hear(Dialect dialect, const std::vector<std::string_view>& pieces) {
  JsonIndexer indexer;
  Tap tap(dialect, indexer);
  SseFramer framer(1 << 20);
  std::string buffer;
  std::string joined;
  Heard heard;
  for (const std::string_view piece : pieces) {
    buffer.append(piece);
    while (const std::size_t size = *framer.next(buffer)) {
      const std::string event = buffer.substr(0, size);
      buffer.erase(0, size);
      const Seen seen = tap.event(event);
      if (read_sse_event(event, joined).has_data) ++heard.events;
      if (seen.first_token) heard.first_token_at = heard.events;
      if (seen.usage_only) heard.usage_only_at = heard.events;
      if (seen.terminal) heard.terminal_at = heard.events;
      if (seen.error) heard.error_at = heard.events;
    }
  }
  heard.facts = tap.facts();
  return heard;
}

std::string hear(std::string_view name) { return hear(dialect_of(name), {golden(name)}).text(); }

TEST(Tap, ReadsOpenAiTextAndItsTrailingUsageChunk) {
  EXPECT_EQ(hear("openai_text.sse"),
            "in 186 out 9 read 1024 created 0 reasoning 0 tools 0 finish stop error "
            " | first 2 usage 6 end 7 error 0");
}

TEST(Tap, CountsOpenAiToolCallsOnceEach) {
  EXPECT_EQ(hear("openai_tools.sse"),
            "in 96 out 41 read 0 created 0 reasoning 0 tools 2 finish tool_calls error "
            " | first 2 usage 8 end 9 error 0");
}

TEST(Tap, TakesReasoningForTheFirstToken) {
  EXPECT_EQ(hear("openai_reasoning.sse"),
            "in 4 out 33 read 16 created 0 reasoning 28 tools 0 finish stop error "
            " | first 2 usage 0 end 6 error 0");
}

TEST(Tap, TellsCallsOfTheSameIndexApartByTheirIds) {
  EXPECT_EQ(hear("openai_gemini_tools.sse"),
            "in 75 out 30 read 0 created 0 reasoning 0 tools 2 finish tool_calls error "
            " | first 1 usage 0 end 3 error 0");
}

TEST(Tap, EstimatesWhatTheProviderNeverSays) {
  EXPECT_EQ(hear("openai_no_usage.sse"),
            "in 0 out 3~ read 0 created 0 reasoning 0 tools 0 finish length error "
            " | first 1 usage 0 end 3 error 0");
}

TEST(Tap, SeesAnErrorInsideAnOpenAiStream) {
  EXPECT_EQ(hear("openai_error.sse"),
            "in 0 out 3~ read 0 created 0 reasoning 0 tools 0 finish  error server_error"
            " | first 2 usage 0 end 0 error 3");
}

TEST(Tap, ReadsAnthropicTextAndItsCaches) {
  EXPECT_EQ(hear("anthropic_text.sse"),
            "in 25 out 12 read 2048 created 512 reasoning 0 tools 0 finish end_turn error "
            " | first 4 usage 0 end 9 error 0");
}

TEST(Tap, TakesThinkingForTheFirstToken) {
  EXPECT_EQ(hear("anthropic_thinking.sse"),
            "in 48 out 87 read 0 created 0 reasoning 0 tools 0 finish end_turn error "
            " | first 4 usage 0 end 13 error 0");
}

TEST(Tap, CountsAnthropicToolBlocks) {
  EXPECT_EQ(hear("anthropic_tools.sse"),
            "in 472 out 89 read 0 created 0 reasoning 0 tools 2 finish tool_use error "
            " | first 4 usage 0 end 15 error 0");
}

TEST(Tap, SeesAnErrorInsideAnAnthropicStream) {
  EXPECT_EQ(hear("anthropic_error.sse"),
            "in 25 out 4~ read 0 created 0 reasoning 0 tools 0 finish  error overloaded_error"
            " | first 3 usage 0 end 0 error 4");
}

class TapOfGolden : public testing::TestWithParam<const char*> {};

TEST_P(TapOfGolden, SaysTheSameHoweverTheBytesAreCut) {
  const std::string text = golden(GetParam());
  const Dialect dialect = dialect_of(GetParam());
  const std::string whole = hear(dialect, {text}).text();

  std::vector<std::string_view> bytes;
  for (const char& c : text) bytes.emplace_back(&c, 1);
  EXPECT_EQ(hear(dialect, bytes).text(), whole);

  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::string_view> pieces;
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 200, rest.size());
      pieces.push_back(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    ASSERT_EQ(hear(dialect, pieces).text(), whole) << "round " << round;
  }
}

TEST_P(TapOfGolden, HearsEverythingFromAStreamWithCarriageReturnsToo) {
  const std::string text = golden(GetParam());
  std::string with_returns;
  for (const char c : text) {
    if (c != '\r') with_returns.append(c == '\n' ? "\r\n" : std::string(1, c));
  }

  EXPECT_EQ(hear(dialect_of(GetParam()), {with_returns}).text(), hear(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Streams, TapOfGolden,
                         testing::Values("openai_text.sse", "openai_tools.sse",
                                         "openai_reasoning.sse", "openai_gemini_tools.sse",
                                         "openai_error.sse", "openai_no_usage.sse",
                                         "anthropic_text.sse", "anthropic_thinking.sse",
                                         "anthropic_tools.sse", "anthropic_error.sse"),
                         [](const auto& instance) {
                           std::string name(instance.param);
                           return name.substr(0, name.find('.'));
                         });

std::string openai_event(std::string_view json) {
  return std::string("data: ").append(json).append("\n\n");
}

TEST(Tap, EstimatesAnewWhenTextFollowsAFigure) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);

  tap.event(openai_event(R"({"choices":[{"delta":{"content":"abcd"}}],)"
                         R"("usage":{"prompt_tokens":5,"completion_tokens":7}})"));
  EXPECT_EQ(tap.facts().usage.output_tokens, 7u);
  EXPECT_FALSE(tap.facts().usage.output_estimated);

  tap.event(openai_event(R"({"choices":[{"delta":{"content":"abcdefgh"}}],"usage":null})"));
  EXPECT_EQ(tap.facts().usage.output_tokens, 9u);
  EXPECT_TRUE(tap.facts().usage.output_estimated);
}

TEST(Tap, SetsCumulativeCountsAndNeverAddsThem) {
  JsonIndexer indexer;
  Tap tap(Dialect::Anthropic, indexer);
  for (int count = 1; count <= 3; ++count) {
    tap.event(
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":"
        "{\"input_tokens\":0,\"output_tokens\":" +
        std::to_string(count * 10) + "}}\n\n");
  }

  EXPECT_EQ(tap.facts().usage.output_tokens, 30u);
}

TEST(Tap, CountsNothingThatFollowsTheEndOfTheAnswer) {
  const auto anthropic = [](std::string_view json) {
    return std::string("data: ").append(json).append("\n\n");
  };
  const std::string message[] = {
      anthropic(R"({"type":"message_start","message":{"model":"m","usage":{"input_tokens":9}}})"),
      anthropic(R"({"type":"content_block_delta","delta":{"text":"abcd"}})"),
      anthropic(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},)"
                R"("usage":{"output_tokens":5}})"),
      anthropic(R"({"type":"message_stop"})")};
  const std::string after[] = {
      anthropic(R"({"type":"message_delta","delta":{"stop_reason":"max_tokens"},)"
                R"("usage":{"input_tokens":90,"output_tokens":50}})"),
      anthropic(R"({"type":"content_block_delta","delta":{"text":"abcdefgh"}})"),
      anthropic(R"({"type":"content_block_start","content_block":{"type":"tool_use"}})"),
      message[0], message[1]};
  JsonIndexer indexer;
  Tap tap(Dialect::Anthropic, indexer);
  for (const std::string& event : message) tap.event(event);
  const Usage usage = tap.facts().usage;

  for (const std::string& event : after) EXPECT_FALSE(tap.event(event).first_token);

  EXPECT_EQ(usage.output_tokens, 5u);
  EXPECT_EQ(tap.facts().usage, usage);
  EXPECT_EQ(tap.facts().finish_reason, "end_turn");
  EXPECT_EQ(tap.facts().tool_call_count, 0u);
  EXPECT_TRUE(tap.facts().terminal);
}

TEST(Tap, CountsNothingThatFollowsDone) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);
  tap.event(openai_event(R"({"choices":[{"delta":{"content":"abcd"}}],)"
                         R"("usage":{"prompt_tokens":5,"completion_tokens":7}})"));
  tap.event("data: [DONE]\n\n");

  tap.event(openai_event(R"({"choices":[{"delta":{"content":"abcdefgh"}}]})"));
  tap.event(openai_event(R"({"choices":[],"usage":{"prompt_tokens":50,"completion_tokens":70}})"));

  EXPECT_EQ(tap.facts().usage.input_tokens, 5u);
  EXPECT_EQ(tap.facts().usage.output_tokens, 7u);
  EXPECT_FALSE(tap.facts().usage.output_estimated);
}

TEST(Tap, KeepsAFigureThatALaterZeroWouldErase) {
  JsonIndexer indexer;
  Tap tap(Dialect::Anthropic, indexer);

  tap.event("data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":9}}}\n\n");
  tap.event("data: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":0}}\n\n");

  EXPECT_EQ(tap.facts().usage.input_tokens, 9u);
}

TEST(Tap, KeepsAnEstimateThatAZeroWouldErase) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);

  tap.event(openai_event(R"({"choices":[{"delta":{"content":"abcdefgh"}}]})"));
  tap.event(openai_event(R"({"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}})"));

  EXPECT_EQ(tap.facts().usage.output_tokens, 2u);
  EXPECT_TRUE(tap.facts().usage.output_estimated);
  EXPECT_FALSE(tap.facts().usage_said);
}

// platform.moonshot.ai: a stream's usage stands in its last choice.
TEST(Tap, ReadsTheUsageOfAChoice) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);

  tap.event(openai_event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":)"
                         R"({"prompt_tokens":19,"completion_tokens":13,"cached_tokens":10}}]})"));

  EXPECT_EQ(tap.facts().usage.input_tokens, 9u);
  EXPECT_EQ(tap.facts().usage.cache_read_tokens, 10u);
  EXPECT_EQ(tap.facts().usage.output_tokens, 13u);
}

TEST(Tap, TakesThePartsOfATextForContent) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);

  const Seen seen = tap.event(openai_event(
      R"({"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"text":"abcd"}]}]}}]})"));

  EXPECT_TRUE(seen.first_token);
}

TEST(Tap, KnowsAFailureByTheLastWord) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);

  const Seen seen = tap.event(openai_event(
      R"({"choices":[{"delta":{},"finish_reason":"error","error":{"code":502,"message":"gone"}}]})"));

  EXPECT_TRUE(seen.error);
  EXPECT_FALSE(seen.error_told);  // no SDK looks for an error there
  EXPECT_EQ(tap.facts().error_type, "502");
  EXPECT_EQ(tap.facts().error_message, "gone");
}

TEST(Tap, KnowsAFailureOfAnthropicsDialectByItsLastWord) {
  JsonIndexer indexer;
  Tap tap(Dialect::Anthropic, indexer);

  EXPECT_TRUE(tap.event("data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
                        "\"network_error\"}}\n\n")
                  .error);
  EXPECT_EQ(tap.facts().error_type, "network_error");
}

TEST(Tap, SeesNoErrorInAnEmptyOne) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);
  for (const char* nothing : {"null", "\"\"", "{}", R"({"message":"","code":null})"}) {
    tap.event(openai_event(R"({"choices":[{"delta":{"content":"a"}}],"error":)" +
                           std::string(nothing) + "}"));
  }

  EXPECT_FALSE(tap.facts().error);
}

TEST(Tap, FindsNothingInAnAnswerWithoutContentEndAndUsage) {
  JsonIndexer indexer;
  for (const std::string_view body :
       {R"({"choices":[]})", R"({"choices":[{"message":{"content":""},"finish_reason":null}]})",
        R"({"status":"ok"})", "<html>", "", R"({"usage":{"prompt_tokens":0}})"}) {
    Tap tap(Dialect::OpenAi, indexer);
    tap.body(body);
    tap.body_end();

    EXPECT_TRUE(tap.facts().nothing()) << body;
  }
  Tap anthropic(Dialect::Anthropic, indexer);
  anthropic.event(
      "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":9}}}\n\n");
  anthropic.event("data: {\"type\":\"message_stop\"}\n\n");
  EXPECT_TRUE(anthropic.facts().nothing());
}

TEST(Tap, FindsSomethingInAnyOfThem) {
  JsonIndexer indexer;
  for (const std::string_view body :
       {R"({"choices":[{"message":{"content":"a"}}]})",
        R"({"choices":[{"message":{"content":""},"finish_reason":"stop"}]})",
        R"({"choices":[{"message":{"tool_calls":[{"id":"a"}]}}]})",
        R"({"choices":[],"usage":{"prompt_tokens":7}})", R"({"error":"no"})"}) {
    Tap tap(Dialect::OpenAi, indexer);
    tap.body(body);
    tap.body_end();

    EXPECT_FALSE(tap.facts().nothing()) << body;
  }
}

TEST(Tap, NeverTakesAFirstChunkWithoutChoicesForTheUsageChunk) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);

  EXPECT_FALSE(tap.event(openai_event(R"({"choices":[],"usage":null})")).usage_only);
  EXPECT_FALSE(tap.event(openai_event(R"({"choices":[],"prompt_filter_results":[]})")).usage_only);
  EXPECT_FALSE(tap.event(openai_event(R"({"usage":{"prompt_tokens":1}})")).usage_only);
  EXPECT_TRUE(tap.event(openai_event(R"({"choices":[ ],"usage":{"prompt_tokens":1}})")).usage_only);
}

TEST(Tap, ReportsMalformedJsonAndGoesOn) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);

  tap.event("data: {\"choices\":[{\"delta\":{\"content\":\"a\n\n");
  EXPECT_TRUE(tap.facts().malformed);
  EXPECT_FALSE(tap.facts().started);

  EXPECT_TRUE(tap.event(openai_event(R"({"choices":[{"delta":{"content":"a"}}]})")).first_token);
  EXPECT_TRUE(tap.event("data: [DONE]\n\n").terminal);
}

TEST(Tap, KnowsAnErrorByItsEventNameAlone) {
  JsonIndexer indexer;
  Tap tap(Dialect::Anthropic, indexer);

  EXPECT_TRUE(tap.event("event: error\ndata: overloaded\n\n").error);
  EXPECT_TRUE(tap.facts().error);
}

TEST(Tap, CutsForeignErrorTextBetweenCharacters) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);
  std::string message;
  for (int i = 0; i < 200; ++i) message += "é";

  tap.event(openai_event(R"({"error":{"message":"x)" + message + R"(","code":429}})"));

  EXPECT_EQ(tap.facts().error_message.size(), 255u);
  EXPECT_EQ(tap.facts().error_type, "429");
}

TEST(Tap, ReadsAWholeOpenAiBodyInPieces) {
  const std::string body =
      R"({"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",)"
      R"("content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f",)"
      R"("arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},)"
      R"("finish_reason":"tool_calls"}],"usage":{"prompt_tokens":30,"completion_tokens":8,)"
      R"("prompt_tokens_details":{"cached_tokens":10}}})";
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);

  for (const char& c : body) tap.body({&c, 1});
  tap.body_end();

  EXPECT_EQ(tap.facts().usage.input_tokens, 20u);
  EXPECT_EQ(tap.facts().usage.output_tokens, 8u);
  EXPECT_EQ(tap.facts().usage.cache_read_tokens, 10u);
  EXPECT_EQ(tap.facts().tool_call_count, 2u);
  EXPECT_EQ(tap.facts().finish_reason, "tool_calls");
  EXPECT_TRUE(tap.facts().terminal);
}

TEST(Tap, ReadsABodyAlikeHoweverMuchOfItComesLast) {
  const std::string body(
      R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}})");
  JsonIndexer indexer;
  for (std::size_t first = 0; first <= body.size(); ++first) {
    Tap tap(Dialect::OpenAi, indexer);
    tap.body(body.substr(0, first));
    tap.body_end(body.substr(first));

    EXPECT_TRUE(tap.facts().terminal) << first;
    EXPECT_EQ(tap.facts().finish_reason, "stop") << first;
    EXPECT_EQ(tap.facts().usage.input_tokens, 3u) << first;
  }
}

TEST(Tap, ReadsAWholeAnthropicBody) {
  JsonIndexer indexer;
  Tap tap(Dialect::Anthropic, indexer);

  tap.body(
      R"({"id":"msg_1","type":"message","role":"assistant","content":[)"
      R"({"type":"text","text":"hi"},{"type":"tool_use","id":"t","name":"f","input":{"a":1}}],)"
      R"("stop_reason":"tool_use","usage":{"input_tokens":3,"cache_read_input_tokens":4,)"
      R"("cache_creation_input_tokens":5,"output_tokens":6}})");
  tap.body_end();

  EXPECT_EQ(tap.facts().usage, (Usage{.input_tokens = 3,
                                      .output_tokens = 6,
                                      .cache_read_tokens = 4,
                                      .cache_creation_tokens = 5}));
  EXPECT_EQ(tap.facts().tool_call_count, 1u);
  EXPECT_EQ(tap.facts().finish_reason, "tool_use");
  EXPECT_TRUE(tap.facts().terminal);
}

TEST(Tap, ReadsTheErrorOfAWholeBody) {
  JsonIndexer indexer;
  Tap anthropic(Dialect::Anthropic, indexer);
  anthropic.body(R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"}})");
  anthropic.body_end();
  Tap plain(Dialect::OpenAi, indexer);
  plain.body(R"({"error":"model not found"})");
  plain.body_end();

  EXPECT_EQ(anthropic.facts().error_type, "rate_limit_error");
  EXPECT_EQ(anthropic.facts().error_message, "slow down");
  EXPECT_TRUE(plain.facts().error);
  EXPECT_EQ(plain.facts().error_message, "model not found");
}

TEST(Tap, KeepsNoMoreOfABodyThanItMay) {
  JsonIndexer indexer;
  Tap tap(Dialect::OpenAi, indexer);
  const std::string piece(1024 * 1024, ' ');

  for (std::size_t i = 0; i <= Tap::body_bytes_max / piece.size(); ++i) tap.body(piece);
  tap.body_end();
  Tap whole(Dialect::OpenAi, indexer);
  whole.body_end(std::string(Tap::body_bytes_max + 1, ' '));

  EXPECT_TRUE(tap.facts().malformed);
  EXPECT_FALSE(tap.facts().terminal);
  EXPECT_TRUE(whole.facts().unread);
}

}  // namespace
}  // namespace vdm::proxy::tap_test
