#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {

/// Converts how hard a model thinks between a word (an effort) and a number of tokens (a budget).
/// Pure.

/// The effort that a word means. An unknown word counts as the middle, as with most providers.
Effort effort_of(std::string_view word);

/// The word for a budget: below 4,096 low, below 16,384 medium, else high.
std::string_view effort_of_budget(std::int64_t tokens);

/// The budget for a word, in the middle of the range that effort_of_budget() maps to it.
std::int64_t budget_of_effort(std::string_view effort);

/// The model's word for `wanted` if it takes that, else for the next lower effort that it takes,
/// else its lowest; empty when it takes none. `accepted` lists the least first.
std::string_view accepted_effort(std::string_view wanted, const std::vector<EffortWord>& accepted);

}  // namespace vdm::proxy
