#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vdm {

/// The known name that `wrong` was most likely meant to be, or "" when none is
/// near. Pure.
std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& known);

}  // namespace vdm
