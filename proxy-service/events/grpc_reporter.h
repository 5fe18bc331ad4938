#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "proxy-service/events/event_queue.h"

namespace vdm::proxy {

struct ReporterOptions {
  std::string address;      ///< "host:port" of the ingest service
  std::string instance_id;  ///< 32 hex digits, new at every start
  std::string proxy_name;
  std::string version;
  /// Called on the reporter's thread when an operator cancels a request.
  std::function<void(std::string request_id)> cancel = {};

  std::chrono::milliseconds batch_interval{50};
  std::chrono::milliseconds heartbeat_interval{1000};
  std::chrono::milliseconds snapshot_interval{30'000};
  std::chrono::milliseconds write_deadline{10'000};
  /// Full jitter between these two. The design allows 5 s; half of it lets a
  /// restarted metrics service have every active request back within 3 s.
  std::chrono::milliseconds reconnect_min{100};
  std::chrono::milliseconds reconnect_max{2500};
};

/// What /health says of the reporter.
struct ReporterStatus {
  bool connected = false;
  std::uint64_t buffered_bytes = 0;  ///< recorded, but not yet acknowledged
  std::uint64_t acknowledged_seq = 0;
  DroppedCounts dropped;
};

/// Streams the queue's events to the metrics service and keeps each until it is
/// acknowledged; reconnects for ever. gRPC is behind this header and nowhere
/// else in the proxy. It has one thread of its own, which ends with it.
/// Thread: any.
class GrpcReporter {
 public:
  GrpcReporter(EventQueue& queue, ReporterOptions options, const Clock& clock);
  ~GrpcReporter();
  GrpcReporter(const GrpcReporter&) = delete;
  GrpcReporter& operator=(const GrpcReporter&) = delete;

  ReporterStatus status() const;

  /// For a shutdown: returns when all that was recorded before the call is
  /// acknowledged, when there is nobody to acknowledge it, or after `deadline`.
  /// True when nothing was left behind.
  bool flush(std::chrono::milliseconds deadline);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vdm::proxy
