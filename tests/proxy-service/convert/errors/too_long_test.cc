#include "proxy-service/convert/errors/too_long.h"

#include <gtest/gtest.h>

#include "proxy-service/convert/errors/error_body.h"

namespace vdm::proxy::too_long_test {
namespace {

struct Wording {
  int status;
  std::string_view message;
  std::string_view claude;  ///< what Claude Code is told
};

// Whose words they are is said beside the table; statuses as users reported them.
constexpr Wording Wordings[] = {
    {400,
     "request (124071 tokens) exceeds the available context size (123904 tokens), try increasing "
     "it",
     "prompt is too long: 124071 tokens > 123904 maximum"},
    {500, "Context size has been exceeded.", "prompt is too long: Context size has been exceeded."},
    {400,
     "This model's maximum context length is 128000 tokens. However, your messages resulted in "
     "156847 tokens (152000 in the messages, 4847 in the functions). Please reduce the length "
     "of the messages or functions.",
     "prompt is too long: 156847 tokens > 128000 maximum"},
    {400,
     "This model's maximum context length is 524288 tokens. However, you requested 1 output "
     "tokens and your prompt contains at least 524288 input tokens, for a total of at least "
     "524289 tokens.",
     "prompt is too long: 524289 tokens > 524288 maximum"},
    {400, "The decoder prompt (length 9012) is longer than the maximum model length of 8192.",
     "prompt is too long: 9012 tokens > 8192 maximum"},
    {400,
     "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 "
     "tokens",
     "prompt is too long: 9000 tokens > 8192 maximum"},
    {400,
     "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300001 "
     "tokens.",
     "prompt is too long: 300001 tokens > 272000 maximum"},
    {400,
     "Your input exceeds the context window of this model. Please adjust your input and try again.",
     "prompt is too long: Your input exceeds the context window of this model. Please adjust your "
     "input and try again."},
    {400,
     "The input token count (1,048,580) exceeds the maximum number of tokens allowed (1048576).",
     "prompt is too long: 1048580 tokens > 1048576 maximum"},
    {400,
     "Prompt contains 300000 tokens and 0 draft tokens, too large for model with 131072 maximum "
     "context length",
     "prompt is too long: 300000 tokens > 131072 maximum"},
    {400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
     "prompt is too long: 537812 tokens > 131072 maximum"},
    {400, "Please reduce the length of the messages or completion.",
     "prompt is too long: Please reduce the length of the messages or completion."},
    {400, "Input length (265330) exceeds model's maximum context length (262144).",
     "prompt is too long: 265330 tokens > 262144 maximum"},
    {400, "The input (516368 tokens) is longer than the model's context length (262144 tokens).",
     "prompt is too long: 516368 tokens > 262144 maximum"},
    {400,
     "The number of tokens to keep from the initial prompt is greater than the context length.",
     "prompt is too long: The number of tokens to keep from the initial prompt is greater than the "
     "context length."},
    {400, "prompt too long; exceeded max context length by 100918 tokens",
     "prompt is too long: prompt too long; exceeded max context length by 100918 tokens"},
    {400, "Prompt exceeds max length", "prompt is too long: Prompt exceeds max length"},
    {400, "Invalid request: Your request exceeded model token limit: 262144 (requested: 291351)",
     "prompt is too long: 291351 tokens > 262144 maximum"},
    {400, "invalid params, context window exceeds limit",
     "prompt is too long: invalid params, context window exceeds limit"},
    {400, "Range of input length should be [1, 129024]",
     "prompt is too long: Range of input length should be [1, 129024]"},
    {422, "Prompt has 40,000 tokens, but the configured context size is 32,768 tokens",
     "prompt is too long: 40000 tokens > 32768 maximum"},
    {413, "prompt token count of 200001 exceeds the limit of 128000",
     "prompt is too long: 200001 tokens > 128000 maximum"},
    {400,
     "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received "
     "130001.",
     "prompt is too long: 130001 tokens > 128000 maximum"},
    {400, "Input is too long for requested model.",
     "prompt is too long: Input is too long for requested model."},
    {413, "Prompt is too long", "Prompt is too long"},
    {400, "prompt is too long: 210000 tokens > 200000 maximum",
     "prompt is too long: 210000 tokens > 200000 maximum"},
    {400,
     "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease "
     "input length or `max_tokens` and try again",
     "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input "
     "length or `max_tokens` and try again"},
    // vLLM: the prompt fits, and Claude Code asks for less output.
    {400,
     "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context "
     "length is 40960 tokens and your request has 20000 input tokens (32000 > 40960 - 20000).",
     "input length and `max_tokens` exceed context limit: 20000 + 32000 > 40960"},
};

TEST(TooLong, IsToldInTheWordsThatClaudeCodeActsOn) {
  for (const auto& [status, message, claude] : Wordings) {
    EXPECT_TRUE(says_too_long("", "", message)) << message;
    EXPECT_EQ(too_long_for_claude(message, 0, 0), claude);
    EXPECT_TRUE(claude_acts_on(claude)) << claude;
  }
}

TEST(TooLong, IsAnErrorThatBothDialectsClientsKnow) {
  for (const auto& [status, message, claude] : Wordings) {
    const std::string body =
        R"({"error":{"message":")" + std::string(message) + R"(","type":"x"}})";
    const ProviderError error = read_provider_error(status, body);

    EXPECT_EQ(error.kind, ProviderError::Kind::PromptTooLong) << message;
    EXPECT_EQ(error_answer(Dialect::Anthropic, error, "").status, 400);
    const ErrorBody openai = error_answer(Dialect::OpenAi, error, "");
    EXPECT_EQ(openai.status, 400);
    EXPECT_NE(openai.body.find(R"("code":"context_length_exceeded")"), std::string::npos);
  }
}

TEST(TooLong, IsKnownByTypeOrCodeAlone) {
  EXPECT_TRUE(says_too_long("exceed_context_size_error", "", "No."));
  EXPECT_TRUE(says_too_long("", "context_length_exceeded", "No."));
  EXPECT_TRUE(says_too_long("", "model_max_prompt_tokens_exceeded", "No."));
}

TEST(TooLong, HasTheNumbersThatStandBesideTheMessage) {
  EXPECT_EQ(
      too_long_for_claude("exceeds the available context size, try increasing it", 9412, 8192),
      "prompt is too long: 9412 tokens > 8192 maximum");
}

// Bedrock's throttling and the limits of a minute count tokens, too.
TEST(TooLong, IsNotARateLimitOrAnotherLimit) {
  for (const std::string_view message :
       {"ThrottlingException: Too many tokens, please wait before trying again.",
        "Rate limit reached: Limit 6000, Requested 9000 tokens per minute. Please reduce the "
        "length "
        "of the messages",
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens",
        "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
        "messages.3.content: expected a list", "image exceeds 5 MB maximum", ""}) {
    EXPECT_FALSE(says_too_long("", "", message)) << message;
  }
  EXPECT_EQ(read_provider_error(429, R"({"error":{"message":"prompt is too long"}})").kind,
            ProviderError::Kind::Other);
}

}  // namespace
}  // namespace vdm::proxy::too_long_test
