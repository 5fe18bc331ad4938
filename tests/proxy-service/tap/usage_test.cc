#include "proxy-service/tap/usage.h"

#include <string>

#include <gtest/gtest.h>

#include "proxy-service/body/json_index.h"

namespace vdm::proxy::usage_test {
namespace {

ReportedUsage read(std::string_view json) {
  JsonIndexer indexer;
  JsonWalk walk(json, indexer.index(json));
  ReportedUsage said;
  EXPECT_TRUE(read_usage(walk, said) && walk.at_end()) << json;
  return said;
}

Usage usage_of(std::initializer_list<std::string_view> jsons) {
  Usage usage;
  for (const std::string_view json : jsons) apply_input(read(json), usage);
  return usage;
}

// platform.moonshot.ai: cached_tokens beside prompt_tokens; api-docs.deepseek.com/guides/kv_cache:
// prompt_cache_hit_tokens; together.ai as Moonshot.
TEST(ReportedUsage, FindsTheCacheWhereverItStands) {
  for (const std::string_view json :
       {R"({"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":60}})",
        R"({"prompt_tokens":100,"cached_tokens":60})",
        R"({"prompt_tokens":100,"prompt_cache_hit_tokens":60,"prompt_cache_miss_tokens":40})",
        R"({"cached_tokens":60,"prompt_tokens":100,"prompt_tokens_details":null})"}) {
    const Usage usage = usage_of({json});

    EXPECT_EQ(usage.input_tokens, 40u) << json;
    EXPECT_EQ(usage.cache_read_tokens, 60u) << json;
  }
}

TEST(ReportedUsage, FindsThoughtsUnderEitherName) {
  for (const std::string_view name : {"reasoning_tokens", "thinking_tokens"}) {
    const std::string json = R"({"input_tokens":9,"output_tokens":8,"output_tokens_details":{")" +
                             std::string(name) + R"(":5}})";

    EXPECT_EQ(read(json).reasoning, 5u) << json;
  }
}

// A last event of zeros must not replace what an earlier one counted, whichever member counts.
TEST(ReportedUsage, IsReplacedByWhateverCounts) {
  JsonIndexer indexer;
  for (const std::string_view json :
       {R"({"prompt_tokens":7})", R"({"input_tokens":7})", R"({"output_tokens":7})",
        R"({"prompt_tokens":7,"input_tokens":7})"}) {
    ReportedUsage said;
    said.output = 1;
    JsonWalk walk(json, indexer.index(json));
    EXPECT_TRUE(read_usage(walk, said));
    EXPECT_NE(said.output, 1u) << json;
  }
  ReportedUsage said;
  said.output = 1;
  constexpr std::string_view Zeros = R"({"prompt_tokens":0,"completion_tokens":0})";
  JsonWalk walk(Zeros, indexer.index(Zeros));
  EXPECT_TRUE(read_usage(walk, said));
  EXPECT_EQ(said.output, 1u);
}

// github.com/vercel/ai/pull/12425 has these figures of xAI's; Gemini's OpenAI door is alike, and
// does not always name its thoughts (github.com/Clarifai/clarifai-python/pull/978).
TEST(ReportedUsage, AddsReasoningThatIsCountedBesideTheOutput) {
  EXPECT_EQ(read(R"({"prompt_tokens":12,"completion_tokens":1,"total_tokens":399,
                     "completion_tokens_details":{"reasoning_tokens":386}})")
                .output,
            387u);
  EXPECT_EQ(read(R"({"prompt_tokens":20,"completion_tokens":424,"total_tokens":1016})").output,
            996u);
}

TEST(ReportedUsage, AddsNothingThatTheTotalDoesNotSay) {
  // OpenAI's, where reasoning is part of the output.
  EXPECT_EQ(read(R"({"prompt_tokens":20,"completion_tokens":33,"total_tokens":53,
                     "completion_tokens_details":{"reasoning_tokens":28}})")
                .output,
            33u);
  // A total that counts something else.
  EXPECT_EQ(read(R"({"prompt_tokens":20,"completion_tokens":33,"total_tokens":153,
                     "prompt_tokens_details":{"cached_tokens":100}})")
                .output,
            33u);
  EXPECT_EQ(read(R"({"prompt_tokens":20,"completion_tokens":33})").output, 33u);
}

TEST(ReportedUsage, OfOpenAiCountsAsAWhole) {
  const Usage usage = usage_of({R"({"prompt_tokens":100,"cached_tokens":60})",
                                R"({"prompt_tokens":120,"completion_tokens":9})"});

  EXPECT_EQ(usage.input_tokens, 120u);
  EXPECT_EQ(usage.cache_read_tokens, 0u);
}

TEST(ReportedUsage, OfAnthropicCountsMemberByMember) {
  const Usage usage = usage_of({R"({"input_tokens":10,"cache_read_input_tokens":60})",
                                R"({"output_tokens":9})", R"({"input_tokens":12})"});

  EXPECT_EQ(usage.input_tokens, 12u);
  EXPECT_EQ(usage.cache_read_tokens, 60u);
}

TEST(ReportedUsage, IsNotErasedByZeros) {
  const Usage usage = usage_of({R"({"prompt_tokens":100,"cached_tokens":60})",
                                R"({"prompt_tokens":0,"completion_tokens":0,"total_tokens":0})"});

  EXPECT_EQ(usage.input_tokens, 40u);
  EXPECT_EQ(usage.cache_read_tokens, 60u);
}

TEST(ReportedUsage, OfOneChunkIsTheLastWithAnyCount) {
  const std::string_view json =
      R"([{"prompt_tokens":7,"completion_tokens":5},{"prompt_tokens":0,"completion_tokens":0}])";
  JsonIndexer indexer;
  JsonWalk walk(json, indexer.index(json));
  ReportedUsage said;
  walk.array([&] { return read_usage(walk, said); });

  EXPECT_EQ(said.prompt, 7u);
  EXPECT_EQ(said.output, 5u);
}

}  // namespace
}  // namespace vdm::proxy::usage_test
