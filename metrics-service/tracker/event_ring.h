#pragma once

#include <cstdint>
#include <deque>

#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics {

/// The latest applied events, bounded by count and by bytes, found by revision. Thread: owner only.
class EventRing {
 public:
  EventRing(std::size_t events_max, std::size_t bytes_max)
      : events_max_(events_max), bytes_max_(bytes_max) {}

  void add(LiveEventPtr event);
  /// Begins, empty, after a revision up to which `told` events were told.
  void begin_after(std::uint64_t revision, std::uint64_t told) {
    forgotten_ = revision;
    forgotten_told_ = told;
  }
  /// The oldest revision after which the ring still has every event.
  std::uint64_t oldest_revision() const { return forgotten_; }
  /// How many events were told up to that revision, of `all`.
  std::uint64_t events_up_to(std::uint64_t revision, std::uint64_t all) const;
  /// The events after `revision`, oldest first.
  std::vector<LiveEventPtr> after(std::uint64_t revision) const;

 private:
  std::deque<LiveEventPtr>::const_iterator first_after(std::uint64_t revision) const;
  static std::size_t bytes_of(const LiveEvent& event);

  std::size_t events_max_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t forgotten_ = 0;
  std::uint64_t forgotten_told_ = 0;
  std::deque<LiveEventPtr> events_;
};

}  // namespace vdm::metrics
