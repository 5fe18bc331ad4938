#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/settings/setting.h"

namespace vdm::settings {

/// A service's name and purpose, for --help and --version.
struct Program {
  std::string_view name;          ///< "vdm-proxy"
  std::string_view about;         ///< one sentence
  std::string_view task{};        ///< a flag for something else than to serve; empty: none
  std::string_view task_about{};  ///< what it does
};

struct CommandLine {
  std::optional<std::string> config_file{};
  std::map<std::string, std::string, std::less<>> values{};  ///< "--port" -> "8082"
  bool check_config = false;
  bool show_config = false;
  bool task = false;  ///< Program::task was given

  /// The file of --config, else vandamme.toml in the working directory.
  std::string file_name() const;
};

/// The service does not run: it prints `text` and returns `status`. The text goes to standard
/// output when the status is 0, else to standard error.
struct EarlyExit {
  int status = 0;
  std::string text{};
  std::string settings{};  ///< from --show-config; always to standard output
};

/// The status after bad usage or a bad configuration.
inline constexpr int BadUsage = 2;

/// --help (which prints the whole table), --version and a bad flag give an EarlyExit.
std::variant<CommandLine, EarlyExit> parse_command_line(const Program& program,
                                                        const Settings& settings, int argc,
                                                        const char* const* argv);

/// Prints the texts and returns the status.
int finish(const EarlyExit& exit);

}  // namespace vdm::settings
