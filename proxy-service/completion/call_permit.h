#pragma once

#include <cstddef>
#include <optional>

#include "proxy-service/worker/worker.h"

namespace vdm::proxy {

/// A permit for one call to a provider. The call counts as in flight while the permit lives,
/// and the breaker hears its result once, as soon as it is known. A permit that ends without
/// a result reports CallResult::Neither. Thread: its IoThread.
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

  /// Whether the provider may be called at all.
  bool given() const { return permit_ || reported_; }
  /// The first one counts.
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
