#include "proxy-service/serve/prometheus.h"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "common/base/version.h"
#include "common/prometheus/exposition.h"

namespace vdm::proxy {
namespace {

using Kind = Exposition::Kind;
using State = CircuitBreaker::State;

constexpr std::array<std::pair<Outcome, std::string_view>, 7> Outcomes{{
    {Outcome::Ok, "ok"},
    {Outcome::UpstreamError, "upstream_error"},
    {Outcome::ClientCancelled, "client_cancelled"},
    {Outcome::Timeout, "timeout"},
    {Outcome::Rejected, "rejected"},
    {Outcome::GatewayShutdown, "gateway_shutdown"},
    {Outcome::CancelledByOperator, "cancelled_by_operator"},
}};
constexpr std::array<std::pair<State, std::string_view>, 3> States{
    {{State::Closed, "closed"}, {State::Open, "open"}, {State::HalfOpen, "half_open"}}};

void write_requests(Exposition& out, const ServerState& server) {
  std::uint64_t in_hand = 0;
  for (const RequestCounts* counts : server.request_counts) {
    // The ends are read first, so that they are never more than the beginnings.
    std::uint64_t ended = 0;
    for (const auto& [outcome, name] : Outcomes) ended += counts->ended(outcome);
    in_hand += counts->begun() - ended;
  }
  out.family("vdm_proxy_requests_in_hand", Kind::Gauge,
             "Completions, and what is passed on whole, that run now.");
  out.sample({}, in_hand);
  out.family("vdm_proxy_requests_total", Kind::Counter, "Those that are over, by how they ended.");
  for (const auto& [outcome, name] : Outcomes) {
    std::uint64_t ended = 0;
    for (const RequestCounts* counts : server.request_counts) ended += counts->ended(outcome);
    out.sample({{"outcome", name}}, ended);
  }
  out.family("vdm_proxy_rejections_unlisted_total", Kind::Counter,
             "Rejected ones among them that are in no list, too many at a time.");
  out.sample({}, server.rejections.unlisted());
}

void write_overload(Exposition& out, const ServerState& server) {
  constexpr std::array<std::pair<Shortage, std::string_view>, 3> Words{
      {{Shortage::Requests, "requests"}, {Shortage::Time, "time"}, {Shortage::Memory, "memory"}}};
  out.family("vdm_proxy_shed_total", Kind::Counter,
             "Requests refused with 503 since the proxy had too much to do, by what was short.");
  for (const auto& [shortage, word] : Words) {
    std::uint64_t shed = 0;
    for (const RequestCounts* counts : server.request_counts) shed += counts->shed_for(shortage);
    out.sample({{"short_of", word}}, shed);
  }
  out.family("vdm_proxy_memory_used_percent", Kind::Gauge,
             "Of the memory that it may have: its control group's limit, else the machine's.");
  out.sample({},
             static_cast<std::uint64_t>(server.memory_used.load(std::memory_order_relaxed) * 100));
}

void write_providers(Exposition& out, const Worker& worker) {
  const auto& providers = worker.config.providers;
  out.family("vdm_proxy_breaker_threads", Kind::Gauge,
             "Threads by the state of their breaker for the provider.");
  for (std::size_t i = 0; i < providers.size(); ++i) {
    for (const auto& [state, name] : States) {
      out.sample({{"provider", providers[i].name}, {"state", name}},
                 std::uint64_t{worker.snapshot.breaker_states.count(i, state)});
    }
  }
  out.family("vdm_proxy_keys", Kind::Gauge, "The provider's keys, by whether they may be used.");
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const KeyCooldowns& cooldowns = worker.snapshot.key_cooldowns[i];
    std::uint64_t cooling = 0;
    for (std::size_t key = 0; key < cooldowns.size(); ++key) {
      if (cooldowns.cools_down(key, worker.now)) ++cooling;
    }
    const std::string& name = providers[i].name;
    out.sample({{"provider", name}, {"state", "ready"}}, cooldowns.size() - cooling);
    out.sample({{"provider", name}, {"state", "cooling_down"}}, cooling);
  }
}

void write_events(Exposition& out, const MetricsState& metrics) {
  out.family("vdm_proxy_metrics_connected", Kind::Gauge, "1 while the metrics service is reached.");
  out.sample({}, std::uint64_t{metrics.connected});
  out.family("vdm_proxy_events_waiting", Kind::Gauge, "Events that nobody has taken yet.");
  out.sample({}, metrics.waiting_events);
  out.family("vdm_proxy_event_bytes", Kind::Gauge,
             "Memory of the events that the metrics service has not acknowledged.");
  out.sample({}, metrics.buffered_bytes);
  out.family("vdm_proxy_events_lost_total", Kind::Counter,
             "Events that were dropped for want of room, by kind.");
  out.sample({{"kind", "started"}}, metrics.lost_started);
  out.sample({{"kind", "progressed"}}, metrics.lost_progressed);
  out.sample({{"kind", "ended"}}, metrics.lost_ended);
}

}  // namespace

std::string prometheus_text(const Worker& worker) {
  const ServerState& server = worker.snapshot.server;
  Exposition out;
  out.family("vdm_proxy_build_info", Kind::Gauge, "What is running.");
  out.sample({{"version", Version}, {"proxy", worker.config.proxy_name}}, std::uint64_t{1});
  out.family("vdm_proxy_start_time_seconds", Kind::Gauge, "When it was started, in Unix time.");
  out.sample({}, std::chrono::duration<double>(server.started_at.time_since_epoch()).count());
  out.family("vdm_proxy_connections", Kind::Gauge, "Clients' connections.");
  out.sample({}, std::uint64_t{server.connections.load(std::memory_order_relaxed)});
  out.family("vdm_proxy_configuration_refused", Kind::Gauge,
             "1 while the configuration that was read last is not taken; /health says why.");
  out.sample({}, std::uint64_t{server.refused_reload.facts().has_value()});
  write_requests(out, server);
  write_overload(out, server);
  write_providers(out, worker);
  write_events(out, server.metrics_state ? server.metrics_state() : MetricsState{});
  return out.text();
}

}  // namespace vdm::proxy
