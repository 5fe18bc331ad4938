// The model that an answer names.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "proxy-service/tap/tap.h"

namespace vdm::proxy::answered_model_test {
namespace {

/// The facts of an answer to who asked for `asked`: a stream's events, or one whole body.
TapFacts answered(Dialect dialect, std::string_view asked, const std::vector<std::string>& events) {
  JsonIndexer indexer;
  Tap tap(dialect, indexer, asked);
  for (const std::string& event : events) tap.event("data: " + event + "\n\n");
  return tap.facts();
}
TapFacts answered_whole(Dialect dialect, std::string_view asked, std::string_view body) {
  JsonIndexer indexer;
  Tap tap(dialect, indexer, asked);
  for (const char& byte : body) tap.body({&byte, 1});
  tap.body_end();
  return tap.facts();
}

TEST(TapModel, IsThatOfTheFirstChunkThatNamesOne) {
  const TapFacts facts = answered(
      Dialect::OpenAi, "gpt-4o",
      {R"({"model":"","choices":[],"prompt_filter_results":[]})", R"({"model":null,"choices":[]})",
       R"({"model":"gpt-4o-mini","choices":[{"delta":{}}]})",
       R"({"model":"gpt-5","choices":[{"delta":{}}]})"});

  EXPECT_EQ(facts.answered_name, "gpt-4o-mini");
  EXPECT_FALSE(facts.answered_as_asked);
}

TEST(TapModel, IsThatOfMessageStart) {
  const TapFacts facts = answered(
      Dialect::Anthropic, "claude-x",
      {R"({"type":"message_start","message":{"id":"m","model":"claude-y","usage":{}}})",
       R"({"type":"content_block_start","content_block":{"type":"text","model":"claude-z"}})"});

  EXPECT_EQ(facts.answered_name, "claude-y");
}

TEST(TapModel, IsThatOfAWholeBodyAtItsTop) {
  EXPECT_EQ(answered_whole(Dialect::Anthropic, "claude-x",
                           R"({"type":"message","model":"claude-y","content":[]})")
                .answered_name,
            "claude-y");
  EXPECT_EQ(answered_whole(Dialect::OpenAi, "gpt-4o",
                           R"({"choices":[{"message":{"model":"no"}}],"model":"gpt-5"})")
                .answered_name,
            "gpt-5");
}

TEST(TapModel, IsNotKeptWhenItIsTheOneThatWasAsked) {
  for (const char* written :
       {R"("openai/gpt-4o")", R"("openai\/gpt-4o")", R"("open\u0061i/gpt-4o")"}) {
    const TapFacts facts = answered(Dialect::OpenAi, "openai/gpt-4o",
                                    {R"({"choices":[],"model":)" + std::string(written) + "}"});
    EXPECT_TRUE(facts.answered_as_asked) << written;
    EXPECT_EQ(facts.answered_name, "") << written;
  }
}

TEST(TapModel, IsUnknownWhenTheAnswerNamesNone) {
  for (const char* said : {R"({"choices":[]})", R"({"choices":[],"model":7})", R"({"model":""})"}) {
    const TapFacts facts = answered(Dialect::OpenAi, "gpt-4o", {said});
    EXPECT_FALSE(facts.answered_as_asked) << said;
    EXPECT_EQ(facts.answered_name, "") << said;
  }
}

TEST(TapModel, IsCappedHoweverLongTheProviderMakesIt) {
  const TapFacts facts =
      answered(Dialect::OpenAi, "gpt-4o", {R"({"model":")" + std::string(100'000, 'x') + "\"}"});

  EXPECT_EQ(facts.answered_name, std::string(256, 'x'));
}

}  // namespace
}  // namespace vdm::proxy::answered_model_test
