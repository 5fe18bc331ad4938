#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "common/base/env.h"
#include "common/settings/load.h"
#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// Command line, environment and file -> Config, in that order of precedence. Every
/// fault is reported, with its key and the value found; a secret's never.
/// Called by main() before there are threads, and again by whoever wants to know
/// what the file says by now: a whole new Config or its faults, and nothing else changes.

/// What the machine says where no setting does. Handed in, so that tests decide.
struct Machine {
  std::string host_name = "localhost";
  std::size_t cores = 1;
  std::size_t memory_bytes = 0;  ///< that this process may use; 0: not known
  std::size_t files_max = 0;     ///< open files; 0: not known

  /// Asks the system, and raises the limit on open files as far as it may go.
  static Machine here();
};

using settings::CommandLine;
using settings::EarlyExit;
using settings::Faults;
using settings::ValueSources;

/// --help, --version and a bad flag are an EarlyExit.
std::variant<CommandLine, EarlyExit> parse_command_line(int argc, const char* const* argv);

/// Without --config, vandamme.toml of the working directory is read if it is there.
std::variant<Config, Faults> load(const CommandLine& line, const Env& env, const Machine& machine);
/// The same, and where each value came from; what was read is told in spite of faults.
std::variant<Config, Faults> load(const CommandLine& line, const Env& env, const Machine& machine,
                                  ValueSources& sources);

/// What main() does first:
///   auto start = load_or_explain(argc, argv, Env::of_process());
///   if (const auto* exit = std::get_if<EarlyExit>(&start)) return settings::finish(*exit);
std::variant<Config, EarlyExit> load_or_explain(int argc, const char* const* argv, const Env& env);

}  // namespace vdm::proxy
