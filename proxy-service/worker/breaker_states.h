#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "proxy-service/retry/circuit_breaker.h"

namespace vdm::proxy {

/// The state of every thread's breaker for every provider, as that thread said last: for those who
/// look from outside. Thread: any.
class BreakerStates {
 public:
  BreakerStates(std::size_t threads, std::size_t providers)
      : providers_(providers), states_(threads * providers) {}

  void put(std::size_t thread, std::size_t provider, CircuitBreaker::State state) {
    states_[thread * providers_ + provider].store(state, std::memory_order_relaxed);
  }
  /// How many threads' breakers for the provider are in the state.
  std::size_t count(std::size_t provider, CircuitBreaker::State state) const {
    std::size_t found = 0;
    for (std::size_t at = provider; at < states_.size(); at += providers_) {
      if (states_[at].load(std::memory_order_relaxed) == state) ++found;
    }
    return found;
  }

 private:
  std::size_t providers_;
  std::vector<std::atomic<CircuitBreaker::State>> states_;
};

}  // namespace vdm::proxy
