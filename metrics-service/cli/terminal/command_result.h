#pragma once

#include <string>

namespace vdm::cli {

/// The exit codes, as --help lists them. `vdm claude` ends with claude's own.
enum ExitCode : int {
  Done = 0,
  Failed = 1,         ///< it was tried, and did not work
  Degraded = Failed,  ///< `status`: reachable, but not well
  WrongUsage = 2,     ///< of the command line, or a configuration with errors
  Unreachable = 3,
  Refused = 4,     ///< no key, a wrong one, or cancelling is not allowed
  NotRunning = 5,  ///< `cancel`: no running request has this id
  Interrupted = 130,
};

/// Ends the program: a text for standard output (Done) or standard error.
struct CommandResult {
  int code = Done;
  std::string text;
};

}  // namespace vdm::cli
