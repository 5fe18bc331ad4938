#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "proxy-service/events/grpc_reporter.h"

namespace vdm::proxy {

/// What became of a spool.
enum class SpoolEnd : std::uint8_t {
  Sent,      ///< the service has all of it; the file is removed, or set aside if it was damaged
  Waits,     ///< the caller stopped waiting: the file stays for the next one
  InUse,     ///< its process lives, or another sends it
  SetAside,  ///< nothing of it can be sent, or the service refuses it for ever
};

struct SpoolSending {
  SpoolEnd end = SpoolEnd::Waits;
  std::uint64_t events = 0;   ///< that waited in it
  std::uint64_t running = 0;  ///< requests that its process had running: lost
  std::string why{};          ///< for a person, of InUse and SetAside
};

/// Sends what the process of that spool left, in its name, to the service of `reporter`, and logs
/// what became of it. Asks every 100 ms whether to go on. Blocks.
SpoolSending send_spool(const std::filesystem::path& path, const ReporterOptions& reporter,
                        const Clock& clock,
                        const std::function<bool(const ReporterStatus&)>& go_on);

/// Sends what processes leave in a folder, one after the other: at start, and every few seconds
/// while it lives. It has one thread, which its destructor ends. Thread: any.
class SpoolSender {
 public:
  SpoolSender(std::filesystem::path folder, ReporterOptions reporter, const Clock& clock,
              std::chrono::milliseconds look_interval = std::chrono::seconds(5));

 private:
  void run(const std::stop_token& stopped);

  const std::filesystem::path folder_;
  const ReporterOptions reporter_;
  const Clock& clock_;
  const std::chrono::milliseconds look_interval_;
  std::jthread thread_;  // last: it runs what is above
};

}  // namespace vdm::proxy
