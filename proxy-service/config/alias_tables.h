#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/settings/file.h"
#include "proxy-service/routing/alias.h"

namespace vdm::proxy {

/// Reports a fault in the file: the setting's dotted name and what is wrong with it.
using TableFault = std::function<void(const std::string& key, const std::string& what)>;

/// Reads a table of aliases. Each is a model's name, or a table with `targets` (names, or tables of
/// model and weight), `fallback`, `balance` and `affinity`. `prefix` is the table's dotted name;
/// `scope` and `provider` apply to all of its aliases. Pure.
std::vector<Alias> read_aliases(const settings::FileNode& node, const std::string& prefix,
                                Alias::Scope scope, const std::string& provider,
                                const TableFault& fault);

/// Reads a profile's table: timeout, max-retries and aliases.
Profile read_profile(std::string_view name, const settings::FileNode& node,
                     const std::string& prefix, const TableFault& fault);

}  // namespace vdm::proxy
