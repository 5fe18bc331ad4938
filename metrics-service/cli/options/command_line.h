#pragma once

#include <variant>

#include "common/base/env.h"
#include "metrics-service/cli/options/local_options.h"
#include "metrics-service/cli/options/view_options.h"
#include "metrics-service/cli/terminal/command_result.h"

namespace vdm::cli {

/// Parses the whole command line: into a command for the metrics service, a command for this
/// machine, or a text to print before vdm ends.
std::variant<Options, LocalOptions, CommandResult> parse_command_line(int argc,
                                                                      const char* const* argv,
                                                                      const Env& env);

/// How many of the words are for vdm: those after the word `claude` go to Claude Code unchanged.
int own_words(int argc, const char* const* argv);

}  // namespace vdm::cli
