#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "proxy-service/events/event_sink.h"

namespace vdm::proxy {

/// How many events of each kind were dropped.
struct DroppedCounts {
  std::uint64_t started = 0;
  std::uint64_t progressed = 0;
  std::uint64_t ended = 0;

  friend bool operator==(const DroppedCounts&, const DroppedCounts&) = default;
};

/// The memory that an event takes, its shared facts included; never less than its
/// encoded size.
std::size_t retained_bytes(const Event& event);

/// The one way from the I/O threads to the reporter, with one mutex between them. A
/// thread holds it for one move or one swap only. The bound in bytes includes what
/// the reporter still keeps; the reporter makes room in the protocol's order, so the
/// queue drops events only when the reporter is stalled.
/// Thread: record() any; take_all() the reporter's.
class EventQueue final : public EventSink {
 public:
  static constexpr std::size_t DefaultBytesMax = 64 * 1024 * 1024;
  using Chunk = std::vector<Event>;

  struct TakenEvents {
    std::vector<Chunk> chunks;  ///< in order of recording
    DroppedCounts dropped;      ///< since the last take
    /// The requests whose end was dropped; otherwise they would seem to run for ever.
    std::vector<FactsPtr> ended;
  };

  explicit EventQueue(std::size_t bytes_max = DefaultBytesMax) : bytes_max_(bytes_max) {}

  void record(Event&& event) noexcept override;

  /// Takes everything recorded so far. `kept_bytes` is what the caller still keeps
  /// from before; it counts against the bound.
  TakenEvents take_all(std::size_t kept_bytes);

  std::size_t bytes_max() const { return bytes_max_; }
  /// How many events wait; exact enough to decide whether to take them early.
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  void append(Event&& event, std::size_t bytes);
  void drop(const Event& event) noexcept;

  const std::size_t bytes_max_;
  std::atomic<std::size_t> waiting_{0};
  std::mutex mutex_;
  std::vector<Chunk> chunks_;
  std::size_t bytes_ = 0;       // in chunks_
  std::size_t kept_bytes_ = 0;  // in the reporter
  DroppedCounts dropped_;
  std::vector<FactsPtr> dropped_ended_;
};

}  // namespace vdm::proxy
