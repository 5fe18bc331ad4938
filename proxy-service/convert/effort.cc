#include "proxy-service/convert/effort.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace vdm::proxy {

Effort effort_of(std::string_view word) {
  constexpr std::string_view Words[] = {"minimal", "low", "medium", "high", "xhigh", "max"};
  const auto found = std::ranges::find(Words, word);
  return found == std::end(Words) ? Effort::Medium : static_cast<Effort>(found - std::begin(Words));
}

std::string_view effort_of_budget(std::int64_t tokens) {
  if (tokens < 4096) return "low";
  return tokens < 16384 ? "medium" : "high";
}

std::int64_t budget_of_effort(std::string_view effort) {
  constexpr std::int64_t Budgets[] = {1024, 2048, 8192, 24576, 32768, 49152};
  return Budgets[static_cast<std::size_t>(effort_of(effort))];
}

std::string_view accepted_effort(std::string_view wanted, const std::vector<EffortWord>& accepted) {
  if (accepted.empty()) return {};
  std::string_view best = accepted.front().word;
  for (const EffortWord& each : accepted) {
    if (each.effort <= effort_of(wanted)) best = each.word;
  }
  return best;
}

}  // namespace vdm::proxy
