#pragma once

#include <cstdint>
#include <optional>

#include "proto/contract/event.h"
#include "proxy-service/body/json_walk.h"

namespace vdm::proxy {

/// Token counts as providers of both dialects report them. No other place knows their names. Pure.
struct ReportedUsage {
  std::optional<std::uint64_t> prompt;  ///< OpenAI's: with what a cache read and wrote
  std::optional<std::uint64_t> input;   ///< Anthropic's: without them
  std::optional<std::uint64_t> output;
  std::optional<std::uint64_t> cache_read;
  std::optional<std::uint64_t> cache_creation;
  std::optional<std::uint64_t> reasoning;

  bool any() const { return prompt || input || output; }
};

/// Reads the usage object if one is next; skips any other value (most often null). Of several
/// objects in one chunk the last one counts that has any count but zeros.
bool read_usage(JsonWalk& walk, ReportedUsage& said);

/// Sets the input counts in `usage`. Counts are cumulative, so a later one replaces an earlier one,
/// but never by a zero: some providers send complete counts first and zeros later. OpenAI's prompt
/// replaces all of them, as what was cached before was part of an earlier prompt; Anthropic's
/// counts stand beside each other and replace one another one by one. The tap counts the output
/// itself.
void apply_input(const ReportedUsage& said, Usage& usage);

}  // namespace vdm::proxy
