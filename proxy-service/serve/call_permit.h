#pragma once

#include <cstddef>
#include <optional>

#include "proxy-service/serve/lane.h"

namespace vdm::proxy {

/// Leave to make one call to a provider: counted as in flight while it lasts, and
/// its result told to the provider's breaker once, as soon as it is known. Nobody
/// says one: it says nothing about the provider. Thread: its IoThread.
class CallPermit {
 public:
  CallPermit(Lane& lane, std::size_t provider)
      : lane_(lane), provider_(provider), permit_(lane.breakers[provider].admit(lane.now)) {
    ++lane_.in_flight[provider_];
  }
  ~CallPermit() {
    say(CallResult::Neither);
    --lane_.in_flight[provider_];
  }
  CallPermit(const CallPermit&) = delete;
  CallPermit& operator=(const CallPermit&) = delete;

  /// Whether the provider may be called at all.
  bool given() const { return permit_ || said_; }
  /// The first one counts.
  void say(CallResult result) {
    if (said_ || !permit_) return;
    said_ = true;
    lane_.breakers[provider_].record(*permit_, result, lane_.now);
  }

 private:
  Lane& lane_;
  const std::size_t provider_;
  const std::optional<CircuitBreaker::Permit> permit_;
  bool said_ = false;
};

}  // namespace vdm::proxy
