#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "common/base/result.h"

namespace vdm::cli {

/// Other programs, started from a process that has no second thread. Blocks.

struct ProgramOutput {
  int status = 0;  ///< its exit code; 128 and more: ended by a signal
  std::string out;
  std::string err;
};

/// Runs a program to its end, which has to come within 10 seconds and 1 MiB.
Result<ProgramOutput> run_program(const std::vector<std::string>& command,
                                  const std::filesystem::path& folder);

/// Starts a program that outlives us: in a session of its own, nobody's child, reading
/// nothing, and writing both its outputs to the end of `log`.
Result<pid_t> start_detached(const std::vector<std::string>& command,
                             const std::filesystem::path& folder, const std::filesystem::path& log);

}  // namespace vdm::cli
