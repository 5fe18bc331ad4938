#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "metrics-service/config/config.h"

namespace vdm::metrics {

/// The wired process. One thread, the owner's, owns the tracker and everything that is served from
/// it; gRPC's threads and the store's writer only post to it. Thread: the one that constructed it.
class App {
 public:
  /// Opens the history and listens on all three addresses. An error is one line that says what to
  /// change.
  static Result<std::unique_ptr<App>> start(const Config& config);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Blocks until SIGTERM or SIGINT, then stops in order: it takes no new connections, ends the
  /// streams and flushes the store. A second signal ends the process at once. Returns the exit
  /// status.
  int run_until_signal();

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace vdm::metrics
