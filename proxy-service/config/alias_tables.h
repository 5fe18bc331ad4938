#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/settings/file.h"
#include "proxy-service/routing/alias.h"

namespace vdm::proxy {

/// Says what is wrong with a setting of the file, by its dotted name.
using TableFault = std::function<void(const std::string& key, const std::string& what)>;

/// A table of aliases: each a model's name, or a table with `targets` (names, or
/// tables of model and weight), `fallback`, `balance` and `affinity`. `prefix` is the
/// table's dotted name; `scope` and `provider` are what all its aliases have. Pure.
std::vector<Alias> read_aliases(const settings::FileNode& node, const std::string& prefix,
                                Alias::Scope scope, const std::string& provider,
                                const TableFault& fault);

/// A profile's table: timeout, max-retries, aliases.
Profile read_profile(std::string_view name, const settings::FileNode& node,
                     const std::string& prefix, const TableFault& fault);

}  // namespace vdm::proxy
