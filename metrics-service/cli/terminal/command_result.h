#pragma once

#include <string>

namespace vdm::cli {

/// The exit codes, as --help lists them. `vdm claude` ends with Claude Code's own.
enum ExitCode : int {
  Done = 0,
  Failed = 1,         ///< the command ran and failed
  Degraded = Failed,  ///< `status`: the service answers, but is not ready
  WrongUsage = 2,     ///< an error in the command line or in the configuration
  Unreachable = 3,
  Refused = 4,     ///< the key is missing or wrong, or cancelling is not allowed
  NotRunning = 5,  ///< `cancel`: no running request has this id
  Interrupted = 130,
};

/// How a command ends: an exit code, and a text for standard output (Done) or standard error.
struct CommandResult {
  int code = Done;
  std::string text;
};

}  // namespace vdm::cli
