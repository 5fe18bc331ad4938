#pragma once

#include <cstddef>
#include <optional>

#include "proxy-service/worker/worker.h"

namespace vdm::proxy {

/// A permit for one call to a provider. The call counts as in flight while the permit lives. The
/// permit reports the call's result to the breaker once, as soon as the caller knows it. A permit
/// that is destroyed without a result reports CallResult::Neither. Thread: its IoThread.
class CallPermit {
 public:
  CallPermit(Worker& worker, std::size_t provider)
      : worker_(worker), provider_(provider), permit_(worker.breakers[provider].admit(worker.now)) {
    ++worker_.in_flight[provider_];
  }
  ~CallPermit() {
    report(CallResult::Neither);
    --worker_.in_flight[provider_];
  }
  CallPermit(const CallPermit&) = delete;
  CallPermit& operator=(const CallPermit&) = delete;

  /// Whether the breaker allows the call.
  bool given() const { return permit_ || reported_; }
  /// Only the first report counts.
  void report(CallResult result) {
    if (reported_ || !permit_) return;
    reported_ = true;
    worker_.breakers[provider_].record(*permit_, result, worker_.now);
  }

 private:
  Worker& worker_;
  const std::size_t provider_;
  const std::optional<CircuitBreaker::Permit> permit_;
  bool reported_ = false;
};

}  // namespace vdm::proxy
