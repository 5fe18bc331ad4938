#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vdm {

/// Decodes %XX. Empty when an escape is malformed or stands for NUL. A '+' stays one: only in a
/// query is it a space, and whoever reads a query puts the space there first. Thread: any.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace vdm
