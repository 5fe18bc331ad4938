#pragma once

#include <algorithm>
#include <chrono>

#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics {

/// How long the request has run by the proxy's wall clock; 0 when that cannot be. Pure.
inline Micros age_of(const RequestFacts& facts, WallTime now) {
  constexpr Micros Max = std::chrono::hours(366 * 24);
  const Micros age = now - facts.started_at;
  const bool is_told = facts.started_at > WallTime{};
  return is_told && age > Micros(0) && age <= Max ? age : Micros(0);
}

/// Describes a lost request as an Ended, for the list of traces. Pure.
inline Ended as_ended(const Lost& lost, Micros duration) {
  Ended ended;
  ended.facts = lost.facts;
  ended.outcome = Outcome::Lost;
  ended.error_type = "lost";
  ended.error_message = lost.reconciled ? "its proxy no longer knows it" : "its proxy went away";
  ended.duration = duration;
  return ended;
}

}  // namespace vdm::metrics
