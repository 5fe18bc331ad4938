#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "metrics-service/tracker/event_ring.h"
#include "metrics-service/tracker/instance.h"

namespace vdm::metrics {

/// Numbers the changes and keeps the latest events. A revision is a position in the log of all that
/// the tracker is told, times ChangesPerPosition, plus the number of the change in it. A change
/// first takes its revision from next(), so that the rows it stamps and the event it records have
/// the same number. Thread: owner only.
class Journal {
 public:
  static constexpr std::uint64_t ChangesPerPosition = std::uint64_t{1} << 17;

  Journal(std::size_t events_max, std::size_t bytes_max) : ring_(events_max, bytes_max) {}

  /// The changes from here on are of that position. An entry with more changes than one position
  /// has room for takes the positions behind its own, too.
  void begin(std::uint64_t position) { base_ = position * ChangesPerPosition; }
  std::uint64_t next() { return revision_ = std::max(revision_, base_) + 1; }

  /// Records an event with the current revision.
  void record(const Instance& instance, std::uint64_t seq, WallTime applied, FactsPtr facts,
              LiveEvent::Kind kind) {
    if (!std::holds_alternative<Progressed>(kind)) structure_revision_ = revision_;
    if (std::holds_alternative<ProxyView>(kind)) proxies_changed_at_ = revision_;
    auto event = std::make_shared<const LiveEvent>(LiveEvent{.revision = revision_,
                                                             .told = ++told_,
                                                             .seq = seq,
                                                             .proxy = instance.proxy,
                                                             .instance_id = instance.id,
                                                             .applied = applied,
                                                             .facts = std::move(facts),
                                                             .kind = std::move(kind)});
    if (is_kept(event->kind)) kept_.push_back(event);
    ring_.add(std::move(event));
  }
  /// Notes a change at the current revision that has no event but must be pushed at once.
  void structure_changed() { structure_revision_ = revision_; }
  void proxies_changed() { proxies_changed_at_ = revision_; }

  /// The events since the last call that history keeps, oldest first.
  std::vector<LiveEventPtr> take_kept() { return std::exchange(kept_, {}); }
  /// Begins the ring after the current revision, which another process may have reached.
  void begin_ring() { ring_.begin_after(revision_, told_); }
  /// Notes that `told` events were told before, by another process.
  void resume_count(std::uint64_t told) { told_ = std::max(told_, told); }

  std::uint64_t revision() const { return revision_; }
  std::uint64_t told() const { return told_; }
  std::uint64_t structure_revision() const { return structure_revision_; }
  std::uint64_t proxies_changed_at() const { return proxies_changed_at_; }
  const EventRing& ring() const { return ring_; }

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.revision_);
    archive(2, self.structure_revision_);
    archive(3, self.proxies_changed_at_);
    archive(4, self.told_);
  }

 private:
  std::uint64_t base_ = 0;
  std::uint64_t revision_ = 0;
  std::uint64_t structure_revision_ = 0;
  std::uint64_t proxies_changed_at_ = 0;
  std::uint64_t told_ = 0;
  std::vector<LiveEventPtr> kept_;
  EventRing ring_;
};

}  // namespace vdm::metrics
