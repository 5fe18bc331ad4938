#pragma once

#include <cstddef>

namespace vdm {

/// Raises the number of files and sockets that this process may open to the most that the system
/// allows, which is more than it gives at first. What it is then; 0 is no limit, or not known.
/// Thread: the one that starts the process.
std::size_t raise_open_files_max();

}  // namespace vdm
