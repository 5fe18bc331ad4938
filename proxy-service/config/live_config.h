#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy-service/config/load.h"

namespace vdm::proxy {

/// The configuration of the running process. reload() reads it again and takes it only when all of
/// it is valid and it lets nobody in who was kept out. A file that is gone or empty is a fault, if
/// the running configuration has something from it. Thread: its owner's.
class LiveConfig {
 public:
  LiveConfig(CommandLine line, Env env, Machine machine, Config running);

  const Config& running() const { return running_; }

  /// Whether a file (ours or that of the models) differs from the one read last and was the same at
  /// the previous call. Called
  /// once a second, it is false while an editor is still writing.
  bool file_has_changed();

  struct Outcome {
    Faults faults{};                     ///< any fault: nothing was taken
    std::vector<std::string> changed{};  ///< see changes()
    std::vector<std::string> restart{};  ///< settings that differ and take effect at the next start
    std::vector<std::string> notices{};  ///< those that the running configuration lacks
  };
  Outcome reload();

 private:
  /// Tells versions of the file apart; all zero when there is no file.
  struct Stamp {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    std::uint64_t bytes = 0;
    std::uint64_t inode = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::array<Stamp, 2>;
  Stamps look() const;
  bool file_has_content() const;

  const CommandLine line_;
  const Env env_;
  const Machine machine_;
  Config running_;
  bool from_file_;  ///< the running configuration has something from its file
  Stamps read_;
  Stamps seen_;
};

/// Restores in `next` the settings that a running process cannot change, and returns their names.
/// Pure.
std::vector<std::string> put_back_fixed(const Config& running, Config& next);

}  // namespace vdm::proxy
