#include "proxy-service/convert/effort.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace vdm::proxy {
namespace {

constexpr std::string_view Ladder[] = {"minimal", "low", "medium", "high", "xhigh", "max"};

/// The effort's position on the ladder. An unknown word counts as the middle, as with most
/// providers.
std::ptrdiff_t rung(std::string_view effort) {
  const auto found = std::ranges::find(Ladder, effort);
  return found == std::end(Ladder) ? 2 : found - std::begin(Ladder);
}

}  // namespace

std::string_view effort_of_budget(std::int64_t tokens) {
  if (tokens < 4096) return "low";
  return tokens < 16384 ? "medium" : "high";
}

std::int64_t budget_of_effort(std::string_view effort) {
  constexpr std::int64_t Budgets[] = {1024, 2048, 8192, 24576, 32768, 49152};
  return Budgets[rung(effort)];
}

std::string_view accepted_effort(std::string_view wanted,
                                 std::span<const std::string_view> accepted) {
  if (accepted.empty()) return {};
  std::string_view best = accepted.front();
  for (const std::string_view effort : accepted) {
    if (rung(effort) <= rung(wanted)) best = effort;
  }
  return best;
}

}  // namespace vdm::proxy
