#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

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

/// What the process has once, whatever its configuration: constant after start, or atomic.
/// Thread: any.
struct Process {
  const TlsContext& tls;
  const Clock& clock;
  EventSink& sink;
  std::string instance_id;
  SystemTime started_at;
  std::function<MetricsState()> metrics_state;
  BodyBudget bodies;
  std::atomic<std::size_t> connections{0};
  std::atomic<bool> ready{false};
  std::atomic<bool> connection_test{false};  ///< one is under way
};

/// What all threads share: one configuration with what is worked out of it, and the
/// process's own. A new configuration is another one of these; a request keeps the one it
/// began with. Constant, or atomic. Thread: any.
struct Shared {
  Shared(Config configuration, Process& process)
      : config(std::move(configuration)),
        resolver(config.providers, config.default_provider, config.aliases),
        gate(config),
        tls(process.tls),
        clock(process.clock),
        sink(process.sink),
        instance_id(process.instance_id),
        metrics_state(process.metrics_state),
        bodies(process.bodies),
        connections(process.connections),
        ready(process.ready),
        connection_test(process.connection_test) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  const Config config;
  const Resolver resolver;
  const Gate gate;
  // The process's.
  const TlsContext& tls;
  const Clock& clock;
  EventSink& sink;
  const std::string& instance_id;
  const std::function<MetricsState()>& metrics_state;
  BodyBudget& bodies;
  std::atomic<std::size_t>& connections;
  std::atomic<bool>& ready;
  std::atomic<bool>& connection_test;
};

}  // namespace vdm::proxy
