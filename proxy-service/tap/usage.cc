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

void replace(std::uint64_t& known, const std::optional<std::uint64_t>& said) {
  if (said && *said > 0) known = *said;
}

}  // namespace

bool read_usage(JsonWalk& walk, ReportedUsage& said) {
  return walk.object_or_skip([&](JsonKey key) {
    if (key.text().ends_with("_tokens_details")) return read_details(walk, said);
    const auto count = walk.count_or_skip();
    if (!count) return true;
    if (key == "prompt_tokens") said.prompt = count;
    if (key == "completion_tokens") said.output = count;
    if (key == "input_tokens") said.input = count;
    if (key == "output_tokens") said.output = count;
    if (key == "cache_read_input_tokens") said.cache_read = count;
    if (key == "cache_creation_input_tokens") said.cache_creation = count;
    // DeepSeek counts its cache hits here, and in prompt_tokens as well.
    if (key == "prompt_cache_hit_tokens" && !said.cache_read) said.cache_read = count;
    return true;
  });
}

void apply_input(const ReportedUsage& said, Usage& usage) {
  replace(usage.cache_read_tokens, said.cache_read);
  replace(usage.cache_creation_tokens, said.cache_creation);
  replace(usage.reasoning_tokens, said.reasoning);
  if (said.prompt) {
    const std::uint64_t cached = said.cache_read.value_or(0) + said.cache_creation.value_or(0);
    replace(usage.input_tokens, *said.prompt > cached ? *said.prompt - cached : 0);
  } else {
    replace(usage.input_tokens, said.input);
  }
}

}  // namespace vdm::proxy
