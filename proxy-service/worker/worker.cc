#include "proxy-service/worker/worker.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "common/base/digest.h"

namespace vdm::proxy {

namespace {

/// Null: none of this thread is for that provider.
std::shared_ptr<CircuitBreaker> breaker_of(const Provider& provider, const Worker* worker) {
  if (worker == nullptr) return nullptr;
  const auto& providers = worker->config.providers;
  const auto same = std::ranges::find_if(
      providers, [&provider](const Provider& each) { return same_account(each, provider); });
  if (same == providers.end()) return nullptr;
  return worker->breakers[static_cast<std::size_t>(same - providers.begin())];
}

}  // namespace

Worker::Worker(WorkerResources& thread, std::shared_ptr<ConfigSnapshot> all,
               std::size_t thread_index, const Worker* before)
    : generation(std::move(all)),
      reactor(thread.reactor),
      counts(thread.counts),
      snapshot(*generation),
      config(snapshot.config),
      index(thread_index),
      now(snapshot.server.clock.monotonic()),
      read_buffer(thread.read_buffer),
      bodies(snapshot.server.bodies),
      facts(*config.models.facts),
      in_flight(config.providers.size()),
      retry_budget(config.retry.budget_percent, config.retry.budget_burst),
      wall_read_at_(now),
      wall_now_(snapshot.server.clock.wall()),
      thread_(thread),
      request_ids_begin_("req_" + snapshot.server.instance_id + "_"),
      random_(fnv1a_64(random_hex(16))) {
  const ProviderPool::Options options{.idle_max = config.limits.upstream_idle_max,
                                      .idle_time = config.timeouts.upstream_keep_alive,
                                      .head_bytes_max = config.limits.upstream_header_bytes_max};
  for (const Provider& provider : config.providers) {
    key_rings.emplace_back(provider.keys, provider.key_affinity, config.key_cooldown,
                           snapshot.key_cooldowns[key_rings.size()]);
    auto breaker = breaker_of(provider, before);
    if (!breaker) breaker = std::make_shared<CircuitBreaker>(config.breaker);
    breaker->configure(config.breaker);
    breakers.push_back(std::move(breaker));
    auto& doors = pools.emplace_back();
    for (const Door& door : provider.doors) {
      doors[index_of(door.dialect)] = std::make_unique<ProviderPool>(
          thread.names, reactor, provider, door, snapshot.server.tls, read_buffer, options);
    }
  }
  put_breaker_states();
}

Shortage Worker::begin_request(std::optional<RequestsInHand::Place>& place) {
  if (const std::size_t most = config.overload.requests_max; most > 0) {
    place.emplace(snapshot.server.requests_in_hand.take(most));
    if (!place->given()) return Shortage::Requests;
  }
  const Load load{.delay = thread_.lag.delay(now),
                  .memory = snapshot.server.memory_used.load(std::memory_order_relaxed)};
  if (thread_.shedding.admits_all(config.overload, load)) return Shortage::None;
  return thread_.shedding.judge(config.overload, load, now, chance());
}

void Worker::set_request_id(std::string& id) {
  thread_.request_number += config.threads;
  std::array<char, 20> digits;
  const auto [end, fault] =
      std::to_chars(digits.data(), digits.data() + digits.size(), thread_.request_number);
  static_cast<void>(fault);  // twenty digits hold every 64-bit value
  id.assign(request_ids_begin_)
      .append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void Worker::append_trace_id(std::string& text) {
  const std::array<std::uint64_t, 2> bits{random_(), random_()};
  append_hex(std::as_bytes(std::span(bits)), text);
}

void Worker::put_breaker_states() {
  for (std::size_t provider = 0; provider < breakers.size(); ++provider) {
    snapshot.breaker_states.put(index, provider, breakers[provider]->state(now));
  }
}

void Worker::close_expired_connections() {
  for (const auto& doors : pools) {
    for (const auto& pool : doors) {
      if (pool) pool->close_expired(now);
    }
  }
}

void Worker::retire() {
  for (const auto& doors : pools) {
    for (const auto& pool : doors) {
      if (pool) pool->keep_none();
    }
  }
}

}  // namespace vdm::proxy
