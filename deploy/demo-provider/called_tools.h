#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "deploy/demo-provider/turns.h"

namespace vdm::demo {

/// The tools that an answer calls, as (id, name). It reads them from the body, JSON or events, in
/// the turn's dialect. Empty when the answer calls none or is malformed. Pure.
std::vector<std::pair<std::string, std::string>> tools_called(const Turn& turn,
                                                              std::string_view body);

}  // namespace vdm::demo
