#pragma once

#include <filesystem>
#include <variant>

#include "common/base/env.h"
#include "common/settings/load.h"
#include "metrics-service/config/config.h"

namespace vdm::metrics {

/// Command line, environment and file -> Config; in that order of precedence. Every fault is
/// reported, with its key and the value found; a secret's never. The file is the proxy's
/// too: only its table [metrics] is read here.

using settings::CommandLine;
using settings::EarlyExit;
using settings::Faults;
using settings::ValueSources;

/// --help, --version and a bad flag are an EarlyExit.
std::variant<CommandLine, EarlyExit> parse_command_line(int argc, const char* const* argv);

/// `program`: where the executable is, to find the dashboard's files by.
std::variant<Config, Faults> load(const CommandLine& line, const Env& env,
                                  const std::filesystem::path& program);
/// The same, and where each value came from; what was read is told in spite of faults.
std::variant<Config, Faults> load(const CommandLine& line, const Env& env,
                                  const std::filesystem::path& program, ValueSources& sources);

/// main()'s first line: parses, loads, and says what is wrong.
std::variant<Config, EarlyExit> load_or_explain(int argc, const char* const* argv, const Env& env);

}  // namespace vdm::metrics
