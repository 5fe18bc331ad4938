#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include <vdm/metrics/v1/events.pb.h>

#include "common/base/env.h"
#include "common/base/secret.h"

namespace vdm::cli {

/// The exit codes, as --help lists them.
enum Exit : int {
  Done = 0,
  Degraded = 1,  ///< `status`: reachable, but not well; else: the call failed
  WrongUsage = 2,
  Unreachable = 3,
  Refused = 4,     ///< no key, a wrong one, or cancelling is not allowed
  NotRunning = 5,  ///< `cancel`: no running request has this id
};

enum class Command { Tail, Active, Totals, Cancel, Status };

/// What was asked for on the command line and in the environment. Plain data.
struct Options {
  Command command = Command::Status;
  std::string address = "127.0.0.1:50052";
  Secret key;
  metrics::v1::Filter filter;
  std::string after;
  std::string state_file;
  bool snapshot = true;
  bool wait = false;
  std::uint64_t count = 0;  ///< 0: no end
  bool watch = false;
  bool json = false;
  std::string request_id;
};

/// Ends the program: a text for standard output (Done) or standard error.
struct Ending {
  int code = Done;
  std::string text;
};

/// The key never comes from the command line: other users of the machine can read that.
std::variant<Options, Ending> parse_options(int argc, const char* const* argv, const Env& env);

}  // namespace vdm::cli
