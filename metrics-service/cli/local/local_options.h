#pragma once

#include <string>
#include <variant>
#include <vector>

#include "common/base/env.h"
#include "metrics-service/cli/setup/init.h"
#include "metrics-service/cli/terminal/command_result.h"

namespace CLI {
class App;
}

namespace vdm::cli {

enum class LocalCommand { Claude, Up, Down, ConfigCheck, Models, Test, Init };

/// What was asked of the services on this machine, or of a gateway. Plain data.
struct LocalOptions {
  LocalCommand command = LocalCommand::Up;
  std::string config_file{};  ///< empty: the user's own, if there is one
  std::string gateway{};      ///< HOST:PORT; empty: where the configuration says
  std::string provider{};
  std::string model{};
  bool json = false;
  bool show = false;
  bool now = false;
  InitOptions init{};
  std::vector<std::string> claude_arguments{};
};

/// The commands that start, configure and try services, as part of a command line. Lives as
/// long as the line is parsed. Thread: one at a time.
class LocalCommands {
 public:
  explicit LocalCommands(CLI::App& app);
  LocalCommands(const LocalCommands&) = delete;
  LocalCommands& operator=(const LocalCommands&) = delete;

  /// Once it is parsed.
  bool asked() const { return asked_; }
  std::variant<LocalOptions, CommandResult> options(std::vector<std::string> claude_arguments);

 private:
  void add_starting(CLI::App& app);
  void add_setup(CLI::App& app);
  void add_trying(CLI::App& app);
  void choose(LocalCommand command);

  LocalOptions options_;
  bool asked_ = false;
};

}  // namespace vdm::cli
