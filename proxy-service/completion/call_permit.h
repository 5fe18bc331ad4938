#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "proxy-service/worker/worker.h"

namespace vdm::proxy {

/// A permit for one call to a provider. The call counts as in flight while the permit lives. The
/// permit reports the call's result to the breaker as soon as the caller knows it: a stream's at
/// its first token. A permit that is destroyed without a result reports CallResult::Neither.
/// Thread: its IoThread.
class CallPermit {
 public:
  CallPermit(Worker& worker, std::size_t provider)
      : worker_(worker),
        provider_(provider),
        permit_(worker.breakers[provider]->admit(worker.now)) {
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
    reported_at_ = worker_.now;
    if (result == CallResult::Succeeded) succeeded_ = true;
    breaker().record(*permit_, result, worker_.now, chance(result));
  }
  /// The call has failed, although a success may have been reported.
  void report_broken() {
    if (!std::exchange(succeeded_, false)) return report(CallResult::Failed);
    breaker().broke_off(*permit_, reported_at_, worker_.now, chance(CallResult::Failed));
  }

 private:
  CircuitBreaker& breaker() const { return *worker_.breakers[provider_]; }
  /// Drawn only for what may open the breaker.
  double chance(CallResult result) const {
    return result == CallResult::Failed ? worker_.chance() : 0;
  }

  Worker& worker_;
  const std::size_t provider_;
  const std::optional<CircuitBreaker::Permit> permit_;
  MonotonicTime reported_at_{};
  bool reported_ = false;
  bool succeeded_ = false;  ///< reported, and not known to have broken off
};

}  // namespace vdm::proxy
