#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "common/base/env.h"
#include "common/settings/load.h"
#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// Reads the command line, the environment and the file into a Config; the earlier of these wins.
/// It reports every fault with its key and the value found, but never a secret's value. main()
/// calls it before it starts threads, and LiveConfig calls it to read the configuration again: the
/// result is a new Config or faults, with no other effect.

/// What the machine has, for settings without a value. An argument, so that tests can choose it.
struct Machine {
  std::string host_name = "localhost";
  std::size_t cores = 1;
  std::size_t memory_bytes = 0;  ///< that this process may use; 0: unknown
  std::size_t files_max = 0;     ///< the limit on open files; 0: unknown
  /// Where files of the original are looked for, to say that they are not read; empty: nowhere.
  std::string directory{};

  /// Asks the system, and raises the limit on open files to its maximum.
  static Machine here();
};

using settings::CommandLine;
using settings::EarlyExit;
using settings::Faults;
using settings::ValueSources;

/// --help, --version and a bad flag give an EarlyExit.
std::variant<CommandLine, EarlyExit> parse_command_line(int argc, const char* const* argv);

/// Whether the file may be missing or hold nothing.
enum class FileContent : std::uint8_t {
  Optional,  ///< a file that --config names has to be there
  Required,  ///< the running configuration has something from it
};

/// Reads --config's file, or without it vandamme.toml of the working directory if there is one.
std::variant<Config, Faults> load(const CommandLine& line, const Env& env, const Machine& machine,
                                  FileContent content = FileContent::Optional);
/// The same; `sources` records where each value came from, also when there are faults.
std::variant<Config, Faults> load(const CommandLine& line, const Env& env, const Machine& machine,
                                  ValueSources& sources,
                                  FileContent content = FileContent::Optional);

/// What main() does first:
///   auto start = load_or_explain(argc, argv, Env::of_process());
///   if (const auto* exit = std::get_if<EarlyExit>(&start)) return settings::finish(*exit);
std::variant<Config, EarlyExit> load_or_explain(int argc, const char* const* argv, const Env& env);

}  // namespace vdm::proxy
