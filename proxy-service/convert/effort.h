#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vdm::proxy {

/// How hard to think: a word in one place, a number of tokens in another. Pure.

/// The word for a budget: below 4,096 low, below 16,384 medium, else high.
std::string_view effort_of_budget(std::int64_t tokens);

/// The budget for a word, in the middle of what the function above reads as it.
std::int64_t budget_of_effort(std::string_view effort);

/// `wanted` when it is accepted, else the next lower one that is, else the lowest;
/// empty when none is. `accepted` has the least first.
std::string_view accepted_effort(std::string_view wanted,
                                 std::span<const std::string_view> accepted);

}  // namespace vdm::proxy
