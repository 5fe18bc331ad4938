#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/access/key_throttle.h"
#include "common/audit/audit_log.h"
#include "common/base/clock.h"
#include "common/base/peer_connections.h"
#include "proxy-service/events/event_sink.h"
#include "proxy-service/net/name_resolver.h"
#include "proxy-service/net/tls_context.h"
#include "proxy-service/worker/body_buffer.h"
#include "proxy-service/worker/heavy_work.h"
#include "proxy-service/worker/learned_facts.h"
#include "proxy-service/worker/overload.h"
#include "proxy-service/worker/refused_reload.h"
#include "proxy-service/worker/rejection_limit.h"
#include "proxy-service/worker/request_counts.h"

namespace vdm::proxy {

/// The state of the reporting to the metrics service, for /health and /metrics.
struct MetricsState {
  bool enabled = false;
  bool connected = false;
  std::string_view refused{};  ///< what of this proxy the service refuses; empty: nothing
  std::uint64_t buffered_bytes = 0;
  std::uint64_t waiting_events = 0;  ///< that the reporter has not taken yet
  /// Dropped for want of room.
  std::uint64_t lost_started = 0;
  std::uint64_t lost_progressed = 0;
  std::uint64_t lost_ended = 0;
};

/// What the process has once, whatever its configuration. Each member is constant after
/// start, atomic, or has a lock of its own. Thread: any.
struct ServerState {
  const TlsContext& tls;
  const Clock& clock;
  NameResolver names;
  EventSink& sink;
  std::string instance_id;
  SystemTime started_at;
  std::function<MetricsState()> metrics_state;
  BodyBudget bodies;
  AuditLog* audit = nullptr;  ///< null: none is kept
  LearnedFacts learned{};
  HeavyWork heavy_work{};
  RejectionLimit rejections{};
  KeyThrottle key_throttle{};
  RefusedReload refused_reload{};
  std::atomic<std::size_t> connections{0};
  PeerConnections peer_connections{};
  RequestsInHand requests_in_hand{};
  std::atomic<double> memory_used{0};  ///< see Load
  std::atomic<bool> ready{false};
  std::atomic<bool> probe_running{false};              ///< a provider probe is under way
  std::vector<const RequestCounts*> request_counts{};  ///< by thread; complete before any starts
};

}  // namespace vdm::proxy
