#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vdm {

/// The known name that the author of `wrong` most likely meant, or "" when none is close. Pure.
std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& known);

/// The message for a setting that does not exist: "no such setting; did you mean …?". `known` lists
/// the names in the table `table` (its dotted name).
std::string no_such_setting(std::string_view wrong, std::string_view table,
                            const std::vector<std::string_view>& known);

}  // namespace vdm
