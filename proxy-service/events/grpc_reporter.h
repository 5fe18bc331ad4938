#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "proxy-service/events/event_queue.h"
#include "proxy-service/spool/ring_scan.h"

namespace vdm::proxy {

/// What a process left that is gone. The reporter tells it in that process's name.
struct LeftEvents {
  RingScan scan;
  SystemTime boot_wall{};
  std::uint64_t rejections_unlisted = 0;
};

struct ReporterOptions {
  std::string address;      ///< "host:port" of the ingest service
  std::string instance_id;  ///< 32 hex digits, new at every start
  std::string proxy_name;
  std::string version;
  /// 64 hexadecimal digits, new at every start; empty: the reporter makes one.
  Secret secret = {};
  /// Set: the queue is that of a process that is gone. It is told, then that the process is gone.
  std::optional<LeftEvents> left = {};
  Secret token = {};            ///< shown to the service; wins over the file's
  std::string token_file = {};  ///< see TokenSource
  /// Called on the reporter's thread when an operator cancels a request.
  std::function<void(std::string request_id)> cancel = {};
  /// Rejections so far that were counted only; any thread.
  std::function<std::uint64_t()> rejections_unlisted = {};

  std::chrono::milliseconds batch_interval{50};
  std::chrono::milliseconds heartbeat_interval{1000};
  std::chrono::milliseconds snapshot_interval{30'000};
  std::chrono::milliseconds write_deadline{10'000};
  /// The reporter waits a random time between these two (full jitter). The design allows 5 s;
  /// with half of it, a restarted metrics service knows every active request again within 3 s.
  std::chrono::milliseconds reconnect_min{100};
  std::chrono::milliseconds reconnect_max{2500};
};

/// Why the metrics service refuses this proxy; its events are kept meanwhile.
enum class ReportRefusal : std::uint8_t {
  None,
  Token,     ///< the ingest token is missing, or not one of the service's
  Instance,  ///< another process reports under this instance id
};

/// The reporter's state, for /health.
struct ReporterStatus {
  bool connected = false;
  ReportRefusal refusal = ReportRefusal::None;
  std::uint64_t buffered_bytes = 0;  ///< recorded, but not yet acknowledged
  std::uint64_t acknowledged_seq = 0;
  DroppedCounts dropped;
};

/// Streams the queue's events to the metrics service and keeps each until the service
/// acknowledges it; reconnects for ever. Behind this header, and nowhere else, the proxy
/// uses gRPC. It has one thread of its own, which its destructor joins. Thread: any.
class GrpcReporter {
 public:
  GrpcReporter(EventQueue& queue, ReporterOptions options, const Clock& clock);
  ~GrpcReporter();
  GrpcReporter(const GrpcReporter&) = delete;
  GrpcReporter& operator=(const GrpcReporter&) = delete;

  ReporterStatus status() const;

  /// For a shutdown: returns when the service has acknowledged all that was recorded
  /// before the call, when no stream to it can be opened, or after `deadline`.
  /// True when every event was acknowledged.
  bool flush(std::chrono::milliseconds deadline);

  /// Of what was left: whether the service has it all, or refuses it for ever. Nothing: neither,
  /// at the end of `wait`.
  enum class Told : std::uint8_t { All, Refused };
  std::optional<Told> wait_until_told(std::chrono::milliseconds wait);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vdm::proxy
