#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "metrics-service/config/config.h"

namespace vdm::metrics {

/// The wired process: one thread owns the tracker and all that is served from it; gRPC's
/// threads and the store's writer only post to it. Thread: the one that made it.
class App {
 public:
  /// Opens history, listens on all three addresses. The error is one line that says what to do.
  static Result<std::unique_ptr<App>> start(const Config& config);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Blocks until SIGTERM or SIGINT, then stops in order: no new connections, streams end, the
  /// store is flushed. A second signal ends it at once. Returns the exit status.
  int run_until_signal();

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace vdm::metrics
