#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vdm::proxy {

/// The known name that `wrong` was most likely meant to be, or "" when none is
/// near. Pure.
std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& known);

/// What is said of a setting that there is not: "no such setting; did you mean …?".
/// `known` are the names in its table, whose dotted name is `table`.
std::string no_such_setting(std::string_view wrong, std::string_view table,
                            const std::vector<std::string_view>& known);

}  // namespace vdm::proxy
