#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/env.h"
#include "common/base/origins.h"
#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// Flags, environment and file -> Config, in that order of precedence. Every
/// fault is reported, with its key and the value found; a secret's never.
/// Called by main() before there are threads, and again by whoever wants to know
/// what the file says by now: a whole new Config or its faults, and nothing else changes.

struct Flags {
  std::optional<std::string> config_file;
  std::optional<std::string> host;
  std::optional<std::string> port;
  bool check_config = false;
  bool show_config = false;
};

/// Nothing to run: `text` is to be printed and `status` returned. It goes to
/// standard output when the status is 0, else to standard error.
struct Exit {
  int status = 0;
  std::string text;
  std::string settings{};  ///< --show-config: to standard output, whatever the status
};

/// --help, --version and a bad flag are an Exit.
std::variant<Flags, Exit> parse_flags(int argc, const char* const* argv);

/// What the machine says where no setting does. Handed in, so that tests decide.
struct Machine {
  std::string host_name = "localhost";
  std::size_t cores = 1;
  std::size_t memory_bytes = 0;  ///< that this process may use; 0: not known
  std::size_t files_max = 0;     ///< open files; 0: not known

  /// Asks the system, and raises the limit on open files as far as it may go.
  static Machine here();
};

/// One sentence each: "PORT: expected 1..65535, got '80x'".
using Faults = std::vector<std::string>;

/// --config, else vandamme.toml of the working directory.
std::string file_name(const Flags& flags);

/// Without --config, vandamme.toml of the working directory is read if it is there.
std::variant<Config, Faults> load(const Flags& flags, const Env& env, const Machine& machine);
/// The same, and where each value came from; what was read is told in spite of faults.
std::variant<Config, Faults> load(const Flags& flags, const Env& env, const Machine& machine,
                                  Origins& origins);

/// What main() does first:
///   auto start = load_or_explain(argc, argv, Env::of_process());
///   if (const auto* exit = std::get_if<Exit>(&start)) return finish(*exit);
std::variant<Config, Exit> load_or_explain(int argc, const char* const* argv, const Env& env);

/// Prints the text where it belongs and returns the status.
int finish(const Exit& exit);

}  // namespace vdm::proxy
