#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "proto/contract/event.h"
#include "proxy-service/body/request_scan.h"
#include "proxy-service/net/loop_lag.h"
#include "proxy-service/net/name_resolver.h"
#include "proxy-service/net/reactor.h"
#include "proxy-service/net/read_buffer.h"
#include "proxy-service/net/task.h"
#include "proxy-service/retry/circuit_breaker.h"
#include "proxy-service/retry/key_ring.h"
#include "proxy-service/retry/retry_budget.h"
#include "proxy-service/routing/balancer.h"
#include "proxy-service/upstream/pool.h"
#include "proxy-service/worker/body_buffer.h"
#include "proxy-service/worker/config_snapshot.h"
#include "proxy-service/worker/facts_cache.h"
#include "proxy-service/worker/overload.h"

namespace vdm::proxy {

using ListHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
template <class T>
using List = boost::intrusive::list<T, boost::intrusive::constant_time_size<false>>;

/// A running request, as its thread sees it.
class ActiveRequest : public ListHook {
 public:
  virtual ~ActiveRequest() = default;
  virtual const std::string& request_id() const = 0;
  /// Records what has changed since the last tick.
  virtual void tick(MonotonicTime now) = 0;
  /// Ends the request from outside.
  virtual void interrupt(Interrupt why) = 0;
};

/// What a thread has once, whatever configurations its requests use.
/// Thread: its IoThread.
struct WorkerResources {
  NameResolver& resolver;
  const Clock& clock;
  std::function<void(std::function<void()>)> post{};  ///< runs it on this thread; from any
  Reactor reactor{};
  LoopLag lag{reactor, clock};
  LoadShedding shedding{};
  NameClient names{resolver, reactor};
  ReadBuffer read_buffer{};
  std::uint64_t request_number = 0;  ///< the last one's; modulo the thread count, our index
  RequestCounts counts{};
};

class ListedModels;

/// What one IoThread has for itself, so that its requests share nothing with
/// another thread's: connections to providers, buffers, the list of its running
/// requests. It belongs to one configuration: a reload makes a new worker for the requests
/// that begin from then on, and the old one ends with its last connection. Thread: its IoThread.
struct Worker {
  /// `before`: this thread's worker that the new one takes the place of; a provider that stays the
  /// same keeps its breaker, and what still runs by the old worker goes on reporting to it.
  Worker(WorkerResources& thread, std::shared_ptr<ConfigSnapshot> generation, std::size_t index,
         const Worker* before = nullptr);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Sets the next request's id: unique for ever, and the number in it tells which thread the
  /// request belongs to.
  void set_request_id(std::string& id);
  /// Appends 32 random hexadecimal digits, so that no two are alike; not a secret.
  void append_trace_id(std::string& text);
  MonotonicTime precise_now() const { return snapshot.server.clock.monotonic(); }
  /// The connections to the provider's door that speaks the dialect.
  ProviderPool& pool(std::size_t provider, Dialect spoken) {
    return *pools[provider][index_of(spoken)];
  }
  void close_expired_connections();
  /// `time` by the wall clock, which the worker reads once a tick.
  WallTime wall_at(MonotonicTime time) const {
    return std::chrono::time_point_cast<Micros>(wall_now_ + (time - wall_read_at_));
  }
  void set_now(MonotonicTime time) {
    now = wall_read_at_ = time;
    wall_now_ = snapshot.server.clock.wall();
  }
  /// A random number from 0 up to 1.
  double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  /// Runs it on this thread. Thread: any.
  void post(std::function<void()> work) const { thread_.post(std::move(work)); }
  /// Whether one more request may begin, as of `now`. It has its place, if places are limited.
  Shortage begin_request(std::optional<RequestsInHand::Place>& place);
  /// No request begins here from now on: the pools keep no connection.
  void retire();
  /// Tells others the breakers' states.
  void put_breaker_states();

  const std::shared_ptr<ConfigSnapshot> generation;
  Reactor& reactor;
  RequestCounts& counts;
  ConfigSnapshot& snapshot;
  const Config& config;
  const std::size_t index;
  /// As of the last tick or request: good for deadlines, not for measuring.
  MonotonicTime now;
  ReadBuffer& read_buffer;
  BodyPool bodies;
  RequestScanner scanner;
  JsonIndexer indexer;  ///< every tap of the thread uses it
  Balancer balancer;
  FactsCache facts;
  std::string converted;  ///< one read of a stream, converted
  std::string text;       ///< for a head that is sent before any other code runs
  List<ActiveRequest> active;
  // Each of these has one element per provider.
  std::vector<std::array<std::unique_ptr<ProviderPool>, Dialects>> pools;  ///< null: no such door
  std::vector<KeyRing> key_rings;
  std::vector<std::shared_ptr<CircuitBreaker>> breakers;
  std::vector<std::uint32_t> in_flight;
  RetryBudget retry_budget;
  ListedModels* listed_models = nullptr;  ///< null: none are known
  bool draining = false;

 private:
  MonotonicTime wall_read_at_;
  SystemTime wall_now_;
  WorkerResources& thread_;
  const std::string request_ids_begin_;
  std::mt19937_64 random_;
};

}  // namespace vdm::proxy
