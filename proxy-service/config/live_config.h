#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy-service/config/load.h"

namespace vdm::proxy {

/// The configuration of a process that runs, which may be read again: what is valid as a
/// whole is taken, anything else changes nothing. Thread: its owner's.
class LiveConfig {
 public:
  LiveConfig(CommandLine line, Env env, Machine machine, Config running);

  const Config& running() const { return running_; }

  /// Whether the file is another than the one that was read last, and was the same at
  /// the last look: who looks once a second does not read what is half written.
  bool file_has_changed();

  struct Outcome {
    Faults faults{};                     ///< any of these: nothing was taken
    std::vector<std::string> changed{};  ///< see changes()
    std::vector<std::string> restart{};  ///< what differs and waits for the next start
    std::vector<std::string> notices{};  ///< that were not said before
  };
  Outcome reload();

 private:
  /// What tells one state of the file from another; zeros when there is none.
  struct Stamp {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    std::uint64_t bytes = 0;
    std::uint64_t inode = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  Stamp look() const;

  const CommandLine line_;
  const Env env_;
  const Machine machine_;
  Config running_;
  Stamp read_;
  Stamp seen_;
};

/// Puts back in `next` what a process cannot change while it runs, and names it. Pure.
std::vector<std::string> put_back_fixed(const Config& running, Config& next);

}  // namespace vdm::proxy
