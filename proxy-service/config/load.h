#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/env.h"
#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// Flags, environment and file -> Config; in that order of precedence. The only
/// place that knows the names of settings, the TOML parser and the flag parser.
/// Every fault is reported, with its key and the value found; a secret's never.

struct Flags {
  std::optional<std::string> config_file;
  std::optional<std::string> host;
  std::optional<std::string> port;
  bool check_config = false;
};

/// Nothing to run: print `text` and leave with `status` (--help, --version, a bad flag).
struct Exit {
  int status = 0;
  std::string text;  ///< to standard output when the status is 0, else to standard error
};

std::variant<Flags, Exit> parse_flags(int argc, const char* const* argv);

/// What the machine says where no setting does. Handed in, so that tests decide.
struct Machine {
  std::string host_name = "localhost";
  std::size_t cores = 1;
  std::size_t memory_bytes = 0;  ///< that this process may use; 0: not known
  std::size_t files_max = 0;     ///< open files; 0: not known

  static Machine here();
};

/// A Config, or all that is wrong: one sentence each, "PORT: expected 1..65535, got '80x'".
using Faults = std::vector<std::string>;
std::variant<Config, Faults> load(const Flags& flags, const Env& env, const Machine& machine);

/// main()'s two lines: parses, loads, prints what is wrong, and says whether to go on.
///   auto start = load_or_explain(argc, argv, Env::of_process());
///   if (auto* exit = std::get_if<Exit>(&start)) return finish(*exit);
std::variant<Config, Exit> load_or_explain(int argc, const char* const* argv, const Env& env);

/// Prints the text where it belongs and returns the status.
int finish(const Exit& exit);

/// Every environment name and TOML key that load() understands: what the
/// README's table and the example file are checked against.
struct Knob {
  std::string env;   ///< "" when the file alone has it
  std::string toml;  ///< "limits.body_bytes", "" when the environment alone has it
  std::string default_text;
  std::string what;
};
const std::vector<Knob>& knobs();

}  // namespace vdm::proxy
