#pragma once

#include <string>
#include <variant>
#include <vector>

#include "common/base/env.h"
#include "metrics-service/cli/setup/init.h"
#include "metrics-service/cli/setup/new_key.h"
#include "metrics-service/cli/terminal/command_result.h"

namespace CLI {
class App;
}

namespace vdm::cli {

enum class LocalCommand { Claude, Up, Down, ConfigCheck, Models, Test, Init, NewKey };

/// A command for the services on this machine, or for a gateway. Plain data.
struct LocalOptions {
  LocalCommand command = LocalCommand::Up;
  std::string config_file{};  ///< empty: the user's own file, if there is one
  std::string gateway{};      ///< HOST:PORT; empty: the address in the configuration
  std::string provider{};
  std::string model{};
  bool json = false;
  bool learned = false;
  bool show = false;
  bool now = false;
  InitOptions init{};
  NewKey new_key{};
  std::vector<std::string> claude_arguments{};
};

/// The commands that start, configure and try services, as part of a command line. Keep it alive
/// until the line has been parsed. Thread: one at a time.
class LocalCommands {
 public:
  explicit LocalCommands(CLI::App& app);
  LocalCommands(const LocalCommands&) = delete;
  LocalCommands& operator=(const LocalCommands&) = delete;

  /// Whether the line named one of these commands. Call it after parsing.
  bool asked() const { return asked_; }
  std::variant<LocalOptions, CommandResult> options(std::vector<std::string> claude_arguments);

 private:
  void add_starting(CLI::App& app);
  void add_setup(CLI::App& app);
  void add_keys(CLI::App& app);
  void add_trying(CLI::App& app);
  void choose(LocalCommand command);

  LocalOptions options_;
  bool asked_ = false;
};

}  // namespace vdm::cli
