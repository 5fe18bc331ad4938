#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vdm::proxy {

/// Converts how hard a model thinks between a word (an effort) and a number of tokens (a budget).
/// Pure.

/// The word for a budget: below 4,096 low, below 16,384 medium, else high.
std::string_view effort_of_budget(std::int64_t tokens);

/// The budget for a word, in the middle of the range that effort_of_budget() maps to it.
std::int64_t budget_of_effort(std::string_view effort);

/// `wanted` if the target accepts it, else the next lower effort that it accepts, else the lowest;
/// empty when it accepts none. `accepted` lists the least first.
std::string_view accepted_effort(std::string_view wanted,
                                 std::span<const std::string_view> accepted);

}  // namespace vdm::proxy
