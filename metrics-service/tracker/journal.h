#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "metrics-service/tracker/event_ring.h"
#include "metrics-service/tracker/instance.h"

namespace vdm::metrics {

/// Numbers the changes and keeps the latest events. A change first takes its revision from next(),
/// so that the rows it stamps and the event it records have the same number. Thread: owner only.
class Journal {
 public:
  Journal(std::size_t events_max, std::size_t bytes_max) : ring_(events_max, bytes_max) {}

  std::uint64_t next() { return ++revision_; }

  /// Records an event with the current revision.
  void record(const Instance& instance, std::uint64_t seq, WallTime applied, FactsPtr facts,
              LiveEvent::Kind kind) {
    if (!std::holds_alternative<Progressed>(kind)) structure_revision_ = revision_;
    if (std::holds_alternative<ProxyView>(kind)) proxies_changed_at_ = revision_;
    ring_.add(std::make_shared<const LiveEvent>(LiveEvent{
        revision_, seq, instance.proxy, instance.id, applied, std::move(facts), std::move(kind)}));
  }
  /// Notes a change at the current revision that has no event but must be pushed at once.
  void structure_changed() { structure_revision_ = revision_; }
  void proxies_changed() { proxies_changed_at_ = revision_; }

  std::uint64_t revision() const { return revision_; }
  std::uint64_t structure_revision() const { return structure_revision_; }
  std::uint64_t proxies_changed_at() const { return proxies_changed_at_; }
  const EventRing& ring() const { return ring_; }

 private:
  std::uint64_t revision_ = 0;
  std::uint64_t structure_revision_ = 0;
  std::uint64_t proxies_changed_at_ = 0;
  EventRing ring_;
};

}  // namespace vdm::metrics
