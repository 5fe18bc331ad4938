#include "proxy-service/tap/usage.h"

namespace vdm::proxy {
namespace {

/// Reads prompt_tokens_details, completion_tokens_details and the like.
bool read_details(JsonWalk& walk, ReportedUsage& said) {
  return walk.object_or_skip([&](JsonKey key) {
    const auto count = walk.count_or_skip();
    if (!count) return true;
    if (key == "cached_tokens") said.cache_read = count;
    if (key == "cache_write_tokens") said.cache_creation = count;
    if (key == "reasoning_tokens" || key == "thinking_tokens") said.reasoning = count;
    return true;
  });
}

/// xAI and Gemini count reasoning beside completion_tokens, OpenAI counts it as part of them: only
/// the total tells. The difference is output if it is the reasoning, or if nothing else explains it
/// (Gemini does not always name its thoughts).
void add_reasoning_beside(ReportedUsage& said, std::uint64_t total) {
  if (!said.prompt || !said.output || total <= *said.prompt + *said.output) return;
  const std::uint64_t beside = total - *said.prompt - *said.output;
  const bool named = said.reasoning && *said.reasoning == beside;
  const bool unexplained = !said.reasoning && !said.cache_read && !said.cache_creation;
  if (named || unexplained) said.output = *said.output + beside;
}

void replace(std::uint64_t& known, const std::optional<std::uint64_t>& said) {
  if (said && *said > 0) known = *said;
}

}  // namespace

bool read_usage(JsonWalk& walk, ReportedUsage& said) {
  ReportedUsage now;
  std::uint64_t total = 0;
  const bool walked = walk.object_or_skip([&](JsonKey key) {
    if (walk.peek() == '{') {
      return key.text().ends_with("_tokens_details") ? read_details(walk, now) : walk.skip();
    }
    const auto count = walk.count_or_skip();
    if (!count) return true;
    if (key == "prompt_tokens") {
      now.prompt = count;
    } else if (key == "completion_tokens" || key == "output_tokens") {
      now.output = count;
    } else if (key == "total_tokens") {
      total = *count;
    } else if (key == "input_tokens") {
      now.input = count;
    } else if (key == "cache_read_input_tokens") {
      now.cache_read = count;
    } else if (key == "cache_creation_input_tokens") {
      now.cache_creation = count;
    } else if (key == "cached_tokens" || key == "prompt_cache_hit_tokens") {
      // Beside prompt_tokens rather than in its details, as reasoning_tokens below: Moonshot's and
      // Together's, DeepSeek's, and SGLang's. All are parts of the counts.
      if (!now.cache_read) now.cache_read = count;
    } else if (key == "reasoning_tokens") {
      if (!now.reasoning) now.reasoning = count;
    }
    return true;
  });
  add_reasoning_beside(now, total);
  const bool counts = now.prompt.value_or(0) + now.input.value_or(0) + now.output.value_or(0) > 0;
  if (counts || !said.any()) said = now;
  return walked;
}

void apply_input(const ReportedUsage& said, Usage& usage) {
  replace(usage.reasoning_tokens, said.reasoning);
  if (said.prompt.value_or(0) > 0) {
    usage.cache_read_tokens = said.cache_read.value_or(0);
    usage.cache_creation_tokens = said.cache_creation.value_or(0);
    const std::uint64_t cached = usage.cache_read_tokens + usage.cache_creation_tokens;
    usage.input_tokens = *said.prompt > cached ? *said.prompt - cached : 0;
    return;
  }
  replace(usage.cache_read_tokens, said.cache_read);
  replace(usage.cache_creation_tokens, said.cache_creation);
  if (!said.prompt) replace(usage.input_tokens, said.input);
}

}  // namespace vdm::proxy
