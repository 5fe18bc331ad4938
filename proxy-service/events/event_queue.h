#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "proxy-service/events/event_sink.h"
#include "proxy-service/spool/event_ring.h"

namespace vdm::proxy {

/// How many events of each kind were dropped.
struct DroppedCounts {
  std::uint64_t started = 0;
  std::uint64_t progressed = 0;
  std::uint64_t ended = 0;

  friend bool operator==(const DroppedCounts&, const DroppedCounts&) = default;
};

/// The one way from the I/O threads to the reporter. Starts and ends are written into an EventRing,
/// which outlives this process when it is a file's; progress, which nobody needs afterwards, waits
/// in memory. A thread holds a lock while it takes a place in the ring or puts a progress down,
/// and the reporter for one swap. Bounded in bytes; the reporter makes room in the protocol's
/// order, so the queue drops events only when the reporter is stalled. Thread: record() any; the
/// rest the reporter's.
class EventQueue final : public EventSink {
 public:
  static constexpr std::size_t DefaultBytesMax = 64 * 1024 * 1024;

  struct TakenProgress {
    RingPlace start = 0;
    Progressed progressed;
  };
  /// What is not in the ring.
  struct TakenEvents {
    std::vector<TakenProgress> progress;  ///< in order of recording
    DroppedCounts dropped;                ///< since the last take
    /// The requests whose end was dropped; otherwise they would seem to run for ever.
    std::vector<RingPlace> ended;
  };

  /// In memory alone.
  explicit EventQueue(std::size_t bytes_max = DefaultBytesMax);
  explicit EventQueue(RingMemory memory) : ring_(std::move(memory)) {}
  /// What a process has left that is gone; nothing is recorded any more.
  EventQueue(RingMemory memory, RingPlace end) : ring_(std::move(memory), end) {}

  StartRef started(const FactsPtr& facts) noexcept override;
  void progressed(Progressed&& progressed, StartRef start) noexcept override;
  void ended(const Ended& ended, StartRef start) noexcept override;

  /// Takes what waits outside the ring. The start of every progress it gives is in the ring.
  TakenEvents take();
  EventRing& ring() { return ring_; }

  std::size_t bytes_max() const { return ring_.bytes(); }
  /// How many events wait; exact enough to decide whether to take them early.
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  void drop_ended(RingPlace start) noexcept;

  EventRing ring_;
  std::atomic<std::size_t> waiting_{0};
  std::mutex mutex_;  // of what follows
  std::vector<TakenProgress> progress_;
  std::size_t progress_bytes_ = 0;
  DroppedCounts dropped_;
  std::vector<RingPlace> dropped_ended_;
};

/// The memory that a progress takes.
std::size_t retained_bytes(const Progressed& progressed);

}  // namespace vdm::proxy
