#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "deploy/demo-provider/turns.h"

namespace vdm::demo {

/// The tools an answer calls, as (id, name), read from its body: JSON or events,
/// in the turn's dialect. Empty when there are none or it cannot be read. Pure.
std::vector<std::pair<std::string, std::string>> tools_called(const Turn& turn,
                                                              std::string_view body);

}  // namespace vdm::demo
