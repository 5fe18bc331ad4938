#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metrics-service/tracker/requests.h"

namespace vdm::metrics {

/// The tracker's state. Only the files of class Tracker include it.
struct Tracker::State {
  explicit State(TrackerOptions given)
      : options(std::move(given)),
        journal(options.events_max, options.events_bytes_max),
        requests(options, journal) {}

  Instance& instance(std::string_view id);
  void forget_one();
  void heard(Instance& instance, ClockPair now);
  /// Its process is gone: loses what still runs.
  void let_go(Instance& instance, ClockPair now);
  void set_state(Instance& instance, ProxyState state, ClockPair now);
  void hide(Instance& instance);
  void reconcile_if_due(Instance& instance, ClockPair now);
  void apply_gap(Instance& instance, const Gap& gap, std::uint64_t seq, ClockPair now);
  void count_from(WallTime at) { since = since == WallTime{} ? at : std::min(since, at); }
  void note_holes(Instance& instance, std::uint64_t missing_before, ClockPair now);

  TrackerOptions options;
  Journal journal;
  // Before `requests`, which points into it.
  std::map<std::string, Instance, std::less<>> instances;
  Requests requests;
  std::uint64_t arrivals = 0;
  std::optional<MonotonicTime> last_tick;
  std::vector<std::string> degraded;
  std::uint64_t degraded_changed_at = 0;
  Counts forgotten;  // of instances that forget_one() removed
  WallTime since{};
  bool restoring = false;
};

}  // namespace vdm::metrics
