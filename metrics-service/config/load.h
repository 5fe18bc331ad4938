#pragma once

#include <filesystem>
#include <variant>

#include "common/base/env.h"
#include "common/settings/load.h"
#include "metrics-service/config/config.h"

namespace vdm::metrics {

/// Makes a Config from command line, environment and file, in that order of precedence. Every fault
/// is reported with the setting's key and the value found, but never the value of a secret. The
/// file is shared with the proxy: this service reads only its table [metrics].

using settings::CommandLine;
using settings::EarlyExit;
using settings::Faults;
using settings::ValueSources;

/// --help, --version and a wrong flag give an EarlyExit.
std::variant<CommandLine, EarlyExit> parse_command_line(int argc, const char* const* argv);

/// `program` is the path of the executable, from which load() finds the dashboard's files.
std::variant<Config, Faults> load(const CommandLine& line, const Env& env,
                                  const std::filesystem::path& program);
/// The same, and reports where each value came from, even when there are faults.
std::variant<Config, Faults> load(const CommandLine& line, const Env& env,
                                  const std::filesystem::path& program, ValueSources& sources);

/// The first call of main(): parses, loads, and explains what is wrong.
std::variant<Config, EarlyExit> load_or_explain(int argc, const char* const* argv, const Env& env);

}  // namespace vdm::metrics
