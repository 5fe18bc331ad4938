#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

#include "common/base/result.h"

namespace vdm::cli {

/// Starts other programs from a process that has no second thread. Blocks.

struct ProgramOutput {
  int status = 0;  ///< exit code; 128 plus the signal's number if a signal ended it
  std::string out;
  std::string err;
};

/// Runs a program to its end. It may take 10 seconds and write 1 MiB.
Result<ProgramOutput> run_program(const std::vector<std::string>& command,
                                  const std::filesystem::path& folder);

using Variables = std::map<std::string, std::string>;

/// Starts a program that outlives vdm: in a session of its own, adopted by init, with the given
/// environment and no other, reading from /dev/null, with both outputs appended to `log`.
Result<pid_t> start_detached(const std::vector<std::string>& command, const Variables& environment,
                             const std::filesystem::path& folder, const std::filesystem::path& log);

}  // namespace vdm::cli
