#include "proxy-service/convert/errors/too_long.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "common/base/text.h"

namespace vdm::proxy {
namespace {

// Whose words they are, as users of gateways and SDKs reported them; in lower case.
constexpr std::string_view Wordings[] = {
    "prompt is too long",                            // Anthropic; Bedrock and Vertex AI after it
    "exceed context limit",                          // Anthropic, with max_tokens
    "input is too long for requested model",         // Bedrock
    "maximum context length",                        // OpenAI, Azure, DeepSeek, OpenRouter, SGLang
    "exceeds the context window",                    // OpenAI, Responses
    "input tokens exceed the configured limit",      // OpenAI, gpt-5
    "reduce the length of the messages",             // Groq, and OpenAI's older models
    "model's context length",                        // vLLM, Together
    "longer than the maximum model length",          // vLLM
    "is too long and exceeds limit",                 // vLLM, older
    "exceeds the available context size",            // llama.cpp
    "context size has been exceeded",                // llama.cpp, while it generates
    "greater than the context length",               // LM Studio
    "loaded with context length of only",            // LM Studio, older
    "prompt too long",                               // Ollama, Z.ai
    "input length exceeds the context length",       // Ollama, older
    "prompt exceeds max length",                     // Z.ai, code 1261
    "prompt \xe8\xb6\x85\xe9\x95\xbf",               // Z.ai in China, code 1261
    "exceeded model token limit",                    // Moonshot
    "context window exceeds limit",                  // MiniMax
    "range of input length should be",               // Alibaba's Model Studio
    "too large for model with",                      // Mistral
    "maximum prompt length is",                      // xAI
    "exceeds the maximum number of tokens allowed",  // Gemini
    "prompt token count of",                         // GitHub Copilot
    "maximum allowed input length",                  // OpenRouter's providers
    "but the configured context size is",            // small local servers
    "tokens in the prompt cannot exceed",            // Cohere
    "reduce the length of the input",                // Cerebras
};

constexpr std::string_view Codes[] = {
    "context_length_exceeded",           // OpenAI, Azure, Groq, Cerebras
    "context_window_exceeded",           // LiteLLM
    "exceed_context_size_error",         // llama.cpp, as the type
    "model_context_window_exceeded",     // Z.ai
    "model_max_prompt_tokens_exceeded",  // GitHub Copilot
};

constexpr std::string_view RateWords[] = {"rate limit", "rate_limit", "too many requests",
                                          "per minute", "throttl",    "quota"};

bool has_any(std::string_view text, const auto& parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return contains(text, part); });
}

/// The numbers in a message, in their order, without thousands separators.
std::vector<std::int64_t> numbers_in(std::string_view text) {
  std::vector<std::int64_t> numbers;
  for (std::size_t at = 0; at < text.size();) {
    std::string digits;
    const auto is_digit = [&](std::size_t i) {
      return i < text.size() && text[i] >= '0' && text[i] <= '9';
    };
    while (is_digit(at) || (!digits.empty() && text[at] == ',' && is_digit(at + 1))) {
      if (text[at] != ',') digits.push_back(text[at]);
      if (++at == text.size()) break;
    }
    std::int64_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    // A context has more than a thousand tokens, so a smaller number means something else.
    if (!digits.empty() && read.ec == std::errc{} && number > 1000) numbers.push_back(number);
    if (digits.empty()) ++at;
  }
  return numbers;
}

std::string with_numbers(std::int64_t used, std::int64_t limit) {
  return std::string("prompt is too long: ")
      .append(std::to_string(used))
      .append(" tokens > ")
      .append(std::to_string(limit))
      .append(" maximum");
}

/// vLLM names max_tokens, the window and the prompt, in this order, when only max_tokens is too
/// large: Claude Code asks for less then, and need not compact.
bool is_output_too_large(std::string_view message, const std::vector<std::int64_t>& numbers) {
  return contains(message, "max_tokens") && contains(message, "is too large") &&
         contains(message, "your request has") && numbers.size() >= 3 && numbers[2] < numbers[1];
}

}  // namespace

bool says_too_long(std::string_view type, std::string_view code, std::string_view message) {
  const auto is_code = [](std::string_view word) {
    return std::ranges::find(Codes, word) != std::end(Codes);
  };
  if (is_code(type) || is_code(code)) return true;
  const std::string low = lower(message);
  return (has_any(low, Wordings) || has_any(low, Codes)) && !has_any(low, RateWords);
}

bool claude_acts_on(std::string_view message) {
  const std::string low = lower(message);
  return contains(low, "prompt is too long") ||
         contains(message, "input length and `max_tokens` exceed context limit");
}

std::string too_long_for_claude(std::string_view message, std::int64_t used, std::int64_t limit) {
  if (claude_acts_on(message)) return std::string(message);
  const auto numbers = numbers_in(message);
  if (is_output_too_large(message, numbers)) {
    return std::string("input length and `max_tokens` exceed context limit: ")
        .append(std::to_string(numbers[2]))
        .append(" + ")
        .append(std::to_string(numbers[0]))
        .append(" > ")
        .append(std::to_string(numbers[1]));
  }
  if (used == 0 && numbers.size() >= 2) {
    // OpenAI writes the limit first and Google the tokens used; parts of these come last.
    used = std::ranges::max(numbers);
    const auto other = std::ranges::find_if(numbers, [&](std::int64_t n) { return n != used; });
    limit = other == numbers.end() ? 0 : *other;
  }
  if (used > limit && limit > 0) return with_numbers(used, limit);
  return std::string("prompt is too long: ").append(message);
}

}  // namespace vdm::proxy
