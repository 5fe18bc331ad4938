#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <toml++/toml.h>

namespace vdm::proxy {

/// A plain value of the file as it would stand in the environment; arrays are
/// joined. Nothing for a table. Pure.
std::optional<std::string> as_text(const toml::node& node, std::string_view separator);

}  // namespace vdm::proxy
