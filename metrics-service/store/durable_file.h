#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace vdm::metrics {

/// Writes a whole file: after a crash it has its old bytes or the new ones, and it is safe on disk
/// when this returns. Blocks.
Result<void> write_durably(const std::filesystem::path& path, std::string_view bytes);

/// The whole file; nothing when it cannot be read or has more than `bytes_max`. Blocks.
std::string read_whole(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace vdm::metrics
