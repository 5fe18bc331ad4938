#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

#include "common/base/result.h"

namespace vdm {

/// The text of a file, at most `bytes_max` of it and one more, so that its reader can tell that
/// there is more. A pipe or a device is read too, but keeps its reader waiting for `patience` at
/// most, though nobody writes to it: whoever reads a file again must still hear a signal. An error
/// names the file. Thread: any; a disk can keep it waiting.
Result<std::string> read_file_text(
    const std::filesystem::path& file, std::size_t bytes_max,
    std::chrono::milliseconds patience = std::chrono::milliseconds(2'000));

}  // namespace vdm
