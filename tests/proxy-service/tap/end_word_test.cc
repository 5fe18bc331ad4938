#include "proxy-service/tap/end_word.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "proxy-service/body/json_index.h"

namespace vdm::proxy::end_word_test {
namespace {

using enum EndMeaning;

// The words are listed with their makers beside the table.
TEST(EndWord, MeansTheSameInTheWordsOfAllMakers) {
  const std::pair<EndMeaning, std::vector<std::string_view>> meanings[] = {
      {Ended,
       {"stop", "end_turn", "eos", "eos_token", "complete", "stop_sequence", "pause_turn", "other",
        "brand_new", ""}},
      {GoesOn, {"null", "not_finished", "finish_reason_unspecified"}},
      {Length,
       {"length", "max_tokens", "max_output_tokens", "model_length", "repetition_truncation",
        "repetition", "time_limit"}},
      {ContextFull, {"model_context_window_exceeded", "error_limit", "token_limit"}},
      {Tools, {"tool_calls", "tool_use", "function_call", "tool_call"}},
      {Filtered,
       {"content_filter", "refusal", "safety", "sensitive", "recitation", "spii", "blocklist",
        "prohibited_content", "guardrail_intervened", "content_filtered", "error_toxic",
        "content_blocked", "image_prohibited_content", "image_recitation", "image_safety",
        "jailbreak", "language", "model_armor"}},
      {Failed,
       {"error", "network_error", "insufficient_system_resource", "malformed_function_call",
        "unexpected_tool_call", "malformed_tool_use", "abort", "aborted", "cancelled", "timeout",
        "failed", "image_other", "malformed_model_output", "malformed_tool_call",
        "missing_thought_signature", "no_image", "server_error", "too_many_tool_calls",
        "user_cancel"}},
  };
  for (const auto& [meaning, words] : meanings) {
    for (const std::string_view word : words) EXPECT_EQ(meaning_of_end(word), meaning) << word;
  }
}

TEST(EndWord, MeansTheSameInAnyCase) {
  EXPECT_EQ(meaning_of_end("MAX_TOKENS"), Length);
  EXPECT_EQ(meaning_of_end("Max_Tokens"), Length);
  EXPECT_EQ(meaning_of_end("STOP"), Ended);
  EXPECT_EQ(meaning_of_end("SAFETY"), Filtered);
  EXPECT_EQ(meaning_of_end("network-error"), Failed);
}

TEST(EndWord, IsAnOrdinaryEndHoweverLongItIs) {
  EXPECT_EQ(meaning_of_end(std::string(10'000, 'e')), Ended);
}

struct EndTexts {
  std::string word;
  std::string failure;
};

EndTexts end_in(std::string_view reason, std::string_view native) {
  const std::string json = std::string("[").append(reason).append(",").append(native).append("]");
  JsonIndexer indexer;
  JsonWalk walk(json, indexer.index(json));
  EndReading end;
  bool first = true;
  walk.array([&] {
    return std::exchange(first, false) ? read_end(walk, end) : read_native_end(walk, end);
  });
  return {std::string(end.word), std::string(end.failure)};
}

TEST(EndReading, HasNoWordWhileTheAnswerGoesOn) {
  for (const std::string_view reason : {"null", R"("")", R"("null")", "7", R"("NOT_FINISHED")"}) {
    EXPECT_EQ(end_in(reason, "null").word, "") << reason;
  }
  EXPECT_EQ(end_in(R"("stop")", "null").word, "stop");
}

// OpenRouter says "stop" for a stream of Z.ai's that broke off: native_finish_reason tells.
TEST(EndReading, KnowsAFailureByTheMakersOwnWord) {
  EXPECT_EQ(end_in(R"("stop")", R"("network_error")").failure, "network_error");
  EXPECT_EQ(end_in(R"("error")", R"("MALFORMED_FUNCTION_CALL")").failure, "error");
  EXPECT_EQ(end_in(R"("stop")", R"("STOP")").failure, "");
  EXPECT_EQ(end_in("null", "null").failure, "");
}

}  // namespace
}  // namespace vdm::proxy::end_word_test
