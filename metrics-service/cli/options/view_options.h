#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <vdm/metrics/v1/events.pb.h>

#include "common/base/env.h"
#include "common/base/secret.h"
#include "metrics-service/cli/terminal/command_result.h"

namespace CLI {
class App;
}

namespace vdm::cli {

enum class Command { Tail, Active, Totals, Cancel, Status };

/// A command for the metrics service, from the command line and the environment.
struct Options {
  Command command = Command::Status;
  std::string address = "127.0.0.1:50052";
  Secret key;
  metrics::v1::Filter filter;
  std::string after;
  std::string state_file;
  bool snapshot = true;
  bool wait = false;
  std::uint64_t count = 0;  ///< 0: no limit
  bool watch = false;
  bool json = false;
  std::string request_id;
};

/// The commands that query the metrics service, as part of a command line. Keep it alive until the
/// line has been parsed. Thread: one at a time.
class ViewCommands {
 public:
  ViewCommands(CLI::App& app, const Env& env);
  ViewCommands(const ViewCommands&) = delete;
  ViewCommands& operator=(const ViewCommands&) = delete;

  /// Call it after parsing. The key is never read from the command line, which other users of the
  /// machine can read.
  std::variant<Options, CommandResult> options(const Env& env);

 private:
  /// CLI11 parses into these values; options() makes Options of them.
  struct Raw {
    std::vector<std::string> kinds;
    std::vector<std::string> outcomes;
    std::string provider;
    std::string model;
    std::string proxy;
    std::string client;
    bool no_snapshot = false;
  };
  void add_model_filters(CLI::App& command);
  void add_filters(CLI::App& command);
  void add_tail(CLI::App& app);
  void add_active(CLI::App& app);
  void add_totals(CLI::App& app);
  void add_cancel(CLI::App& app);
  void add_status(CLI::App& app);

  Options options_;
  Raw raw_;
};

}  // namespace vdm::cli
