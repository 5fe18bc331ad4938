#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/settings/setting.h"

namespace vdm::settings {

/// How a service introduces itself.
struct Program {
  std::string_view name;   ///< "vdm-proxy"
  std::string_view about;  ///< one sentence
};

struct CommandLine {
  std::optional<std::string> config_file{};
  std::map<std::string, std::string, std::less<>> values{};  ///< "--port" -> "8082"
  bool check_config = false;
  bool show_config = false;

  /// --config, else vandamme.toml of the working directory.
  std::string file_name() const;
};

/// Nothing to run: `text` is to be printed and `status` returned. It goes to standard output
/// when the status is 0, else to standard error.
struct EarlyExit {
  int status = 0;
  std::string text{};
  std::string settings{};  ///< --show-config: to standard output, whatever the status
};

/// Bad usage and a bad configuration leave with this.
inline constexpr int BadUsage = 2;

/// --help, which tells the whole table, --version and a bad flag are an EarlyExit.
std::variant<CommandLine, EarlyExit> parse_command_line(const Program& program,
                                                        const Settings& settings, int argc,
                                                        const char* const* argv);

/// Prints the text where it belongs and returns the status.
int finish(const EarlyExit& exit);

}  // namespace vdm::settings
