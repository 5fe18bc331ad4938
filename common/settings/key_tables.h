#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/access/access_keys.h"
#include "common/settings/file.h"

namespace vdm::settings {

/// Reads the tables [keys.NAME] of a configuration file, which both services share: each with
/// `sha256`, `role` and perhaps `expires`. `file`: the file's name for faults. Pure.
std::vector<AccessKey> read_key_tables(const FileNode& root, const std::string& file,
                                       Faults& faults);

/// "2027-01-31", the beginning of that day in UTC, or "2027-01-31T12:00:00Z".
std::optional<SystemTime> parse_expiry(std::string_view text);
/// 1 to 64 letters, digits, dots, dashes and underscores.
bool is_key_name(std::string_view name);

inline constexpr std::size_t KeyTablesMax = 1'024;

}  // namespace vdm::settings
