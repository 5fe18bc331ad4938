#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "proxy-service/config/live_config.h"
#include "proxy-service/events/event_queue.h"
#include "proxy-service/events/grpc_reporter.h"
#include "proxy-service/events/spool_sender.h"
#include "proxy-service/net/tls_context.h"
#include "proxy-service/serve/gateway.h"
#include "proxy-service/spool/spool_file.h"

namespace vdm::proxy {

/// The whole process. Its members are declared in their order of life: the queue
/// outlives the threads whose requests write to it, and the reporter reads it until
/// they have ended. The spool, which holds the queue's memory, outlives all of them. Thread:
/// main's.
class App {
 public:
  /// Binds the address; an error's message is one line for a person.
  static Result<std::unique_ptr<App>> make(LiveConfig& config);

  /// Serves until SIGTERM or SIGINT, then drains; a second signal ends at once. On SIGHUP, or
  /// when its file has changed, it reads the configuration again. Returns the exit status.
  int run_until_signal();

 private:
  struct Identity {
    std::string instance_id;
    Secret secret;
    SystemTime boot_wall;
  };
  App(LiveConfig& config, TlsContext tls, Identity identity, std::optional<SpoolFile> spool,
      RingMemory memory);
  static std::optional<SpoolFile> make_spool(const Config& config, const Identity& identity);
  ReporterOptions reporter_options() const;
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
  const Identity identity_;
  std::optional<SpoolFile> spool_;
  EventQueue queue_;
  DiscardingSink discard_;
  std::unique_ptr<AuditLog> audit_;  ///< null: there is no folder for it
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<GrpcReporter> reporter_;
  std::unique_ptr<SpoolSender> sender_;
};

}  // namespace vdm::proxy
