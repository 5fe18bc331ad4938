#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "metrics-service/log/input.h"
#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics {

/// Where an input stands in the log, and when it was, by the log's clock.
struct EntryPlace {
  std::uint64_t position = 0;
  ClockPair at;
};

/// Gives everything that the tracker is told its order and its time. Thread: owner only.
class EventLog {
 public:
  /// Takes an entry, in order. Returns the revision that the state has then.
  using Fold = std::function<std::uint64_t(const EntryPlace&, const Input&)>;

  virtual ~EventLog() = default;

  /// Call it once, before the first propose().
  virtual void on_entry(Fold fold) = 0;
  /// Puts the input into the log. It is given to the fold once it has its place, which may be
  /// before this returns.
  virtual void propose(const Input& input) = 0;
  /// The id of the log. Positions of logs with another id say nothing in this one.
  virtual const std::string& epoch() const = 0;
};

}  // namespace vdm::metrics
