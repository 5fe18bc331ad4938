#include <string>

#include "metrics-service/tracker/tracker_state.h"

// How an instance leaves: its stream closes, its lease ends, or it is said to be gone.

namespace vdm::metrics {

void Tracker::State::let_go(Instance& instance, ClockPair now) {
  requests.lose({instance, 0, now}, false, [](const std::string&, std::uint64_t) { return true; });
  instance.reconcile.reset();
  set_state(instance, ProxyState::Gone, now);
}

void Tracker::goodbye(std::string_view instance_id, ClockPair now) {
  state_->let_go(state_->instance(instance_id), now);
}

void Tracker::stream_closed(std::string_view instance_id, ClockPair now, std::uint64_t session) {
  Instance& instance = state_->instance(instance_id);
  if (instance.session != session) return;  // a newer stream has taken its place
  if (instance.state == ProxyState::Connected) state_->set_state(instance, ProxyState::Stale, now);
}

}  // namespace vdm::metrics
