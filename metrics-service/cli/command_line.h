#pragma once

#include <variant>

#include "common/base/env.h"
#include "metrics-service/cli/events/options.h"
#include "metrics-service/cli/local/local_options.h"
#include "metrics-service/cli/terminal/command_result.h"

namespace vdm::cli {

/// The whole command line: what the metrics service is asked, what is done on this machine,
/// or what to say and leave with.
std::variant<Options, LocalOptions, CommandResult> parse_command_line(int argc,
                                                                      const char* const* argv,
                                                                      const Env& env);

/// How many of the words are ours: what follows the word `claude` is Claude Code's, untouched.
int own_words(int argc, const char* const* argv);

}  // namespace vdm::cli
