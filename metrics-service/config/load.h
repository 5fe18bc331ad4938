#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/env.h"
#include "common/base/origins.h"
#include "metrics-service/config/config.h"

namespace vdm::metrics {

/// Flags, environment and file -> Config; in that order of precedence. Every fault is
/// reported, with its key and the value found; a secret's never. The file is the proxy's
/// too: only its table [metrics] is read here.

struct Flags {
  std::optional<std::string> config_file;
  std::optional<std::string> host;
  std::optional<std::string> port;
  bool check_config = false;
  bool show_config = false;
};

/// Nothing to run: print `text` and leave with `status` (--help, --version, a bad flag).
struct Exit {
  int status = 0;
  std::string text;        ///< to standard output when the status is 0, else to standard error
  std::string settings{};  ///< --show-config: to standard output, whatever the status
};

std::variant<Flags, Exit> parse_flags(int argc, const char* const* argv);

/// A Config, or all that is wrong: one sentence each, "VDM_METRICS_PORT: expected 1..65535, got
/// '80x'".
using Faults = std::vector<std::string>;
/// `program`: where the executable is, to find the dashboard's files by.
std::variant<Config, Faults> load(const Flags& flags, const Env& env,
                                  const std::filesystem::path& program);
/// The same, and where each value came from; what was read is told in spite of faults.
std::variant<Config, Faults> load(const Flags& flags, const Env& env,
                                  const std::filesystem::path& program, Origins& origins);

/// main()'s first line: parses, loads, and says what is wrong.
std::variant<Config, Exit> load_or_explain(int argc, const char* const* argv, const Env& env);

/// Prints the text where it belongs and returns the status.
int finish(const Exit& exit);

/// Whether only this machine reaches what listens on `host`.
bool is_loopback(const std::string& host);

}  // namespace vdm::metrics
