#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>

#include "common/base/clock.h"
#include "proxy-service/config/config.h"
#include "proxy-service/events/event_sink.h"
#include "proxy-service/http/body_buffer.h"
#include "proxy-service/routing/resolver.h"
#include "proxy-service/serve/gate.h"
#include "proxy-service/upstream/tls_context.h"

namespace vdm::proxy {

/// Where the events go, as far as /health tells.
struct MetricsState {
  bool enabled = false;
  bool connected = false;
  std::uint64_t buffered_bytes = 0;
};

/// What all threads of the process share: constant after start, or atomic.
/// Thread: any.
struct Shared {
  const Config& config;
  const Resolver& resolver;
  const TlsContext& tls;
  const Clock& clock;
  EventSink& sink;
  const Gate& gate;
  std::string instance_id;
  SystemTime started_at;
  std::function<MetricsState()> metrics_state;
  BodyBudget bodies{config.limits.all_bodies_bytes_max};
  std::atomic<std::size_t> connections{0};
  std::atomic<bool> ready{false};
  std::atomic<bool> connection_test{false};  ///< one is under way
};

}  // namespace vdm::proxy
