#pragma once

#include <cstdint>
#include <optional>

#include "proto/contract/event.h"
#include "proxy-service/body/json_walk.h"

namespace vdm::proxy {

/// Token counts as a provider says them, either dialect, and what they mean.
/// The one place that knows their names. Pure.
struct ReportedUsage {
  std::optional<std::uint64_t> prompt;  ///< OpenAI: with what came from and went to a cache
  std::optional<std::uint64_t> input;   ///< Anthropic: without it
  std::optional<std::uint64_t> output;
  std::optional<std::uint64_t> cache_read;
  std::optional<std::uint64_t> cache_creation;
  std::optional<std::uint64_t> reasoning;

  bool any() const { return prompt || input || output; }
};

/// Reads a usage object ahead; anything else (null, most often) is passed over.
bool read_usage(JsonWalk& walk, ReportedUsage& said);

/// Sets what was said of the input. Counts are cumulative, so a later one
/// replaces an earlier one; a zero never does, as some providers send a complete
/// figure first and zeros after. The output is the tap's own affair.
void apply_input(const ReportedUsage& said, Usage& usage);

}  // namespace vdm::proxy
