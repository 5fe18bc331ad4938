#include "proxy-service/convert/usage_json.h"

#include <gtest/gtest.h>

#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy::usage_json_test {
namespace {

TEST(UsageJson, TakesTheCacheOutOfOpenAisPrompt) {
  const auto answer = *parse_body(
      R"({"usage":{"prompt_tokens":100,"completion_tokens":7,
          "prompt_tokens_details":{"cached_tokens":60},
          "completion_tokens_details":{"reasoning_tokens":3}}})");

  EXPECT_EQ(json_text(anthropic_usage(usage_in(answer))),
            R"({"input_tokens":40,"cache_creation_input_tokens":0,"cache_read_input_tokens":60,)"
            R"("output_tokens":7,"output_tokens_details":{"thinking_tokens":3}})");
}

TEST(UsageJson, AddsAnthropicsThreeNumbersUp) {
  const auto answer = *parse_body(
      R"({"usage":{"input_tokens":10,"cache_creation_input_tokens":20,
          "cache_read_input_tokens":30,"output_tokens":7}})");

  EXPECT_EQ(json_text(openai_usage(usage_in(answer))),
            R"({"prompt_tokens":60,"completion_tokens":7,"total_tokens":67,)"
            R"("prompt_tokens_details":{"cached_tokens":30,"cache_write_tokens":20},)"
            R"("completion_tokens_details":{"reasoning_tokens":0}})");
}

TEST(UsageJson, SaysZeroWhenTheProviderSaidNothing) {
  EXPECT_EQ(usage_in({}), Usage{});
  EXPECT_EQ(usage_in({{"usage", nullptr}}), Usage{});
  EXPECT_EQ(usage_in({{"usage", "many"}}), Usage{});
}

}  // namespace
}  // namespace vdm::proxy::usage_json_test
