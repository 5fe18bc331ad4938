#pragma once

#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "proxy-service/config/live_config.h"
#include "proxy-service/events/event_queue.h"
#include "proxy-service/events/grpc_reporter.h"
#include "proxy-service/net/tls_context.h"
#include "proxy-service/serve/gateway.h"

namespace vdm::proxy {

/// The wired process. Its members, top to bottom, are the order of life: the
/// queue stands above the threads whose requests write to it, and the reporter
/// reads it until they are gone. Thread: main's.
class App {
 public:
  /// Binds the address; a fault is one line for a person.
  static Result<std::unique_ptr<App>> make(LiveConfig& config);

  /// Serves until SIGTERM or SIGINT, then drains; a second signal ends at once. SIGHUP, or
  /// another file than the one that was read, has the configuration read again.
  /// The exit status.
  int run_until_signal();

 private:
  App(LiveConfig& config, TlsContext tls);
  void start_reporter();
  void serve();
  void reload();
  void drain();
  void flush_events();
  MetricsState metrics_state() const;

  LiveConfig& config_;
  const bool metrics_enabled_;
  const SystemClock clock_;
  const TlsContext tls_;
  const std::string instance_id_;
  EventQueue queue_;
  DiscardingSink discard_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<GrpcReporter> reporter_;
};

}  // namespace vdm::proxy
