#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <thread>

#include "proxy-service/spool/event_record.h"
#include "proxy-service/spool/ring_memory.h"

namespace vdm::proxy {

/// A position in a ring: bytes that were ever reserved before it, so it is never used twice.
using RingPlace = std::uint64_t;

/// What of a ring's process has to outlive it, in the ring's head. Each number is written whole.
/// Thread: any.
struct RingNumbers {
  std::atomic<RingPlace> head;          ///< the oldest record that is kept
  std::atomic<std::uint64_t> next_seq;  ///< no event that was sent has this number, or a higher one
  std::atomic<std::uint64_t> committed;  ///< acknowledged up to here
  /// Ends that were recorded or could not be, as of the reporter's last look, and those of them
  /// that are acknowledged, one by one or in a Gap. What is between the two has to be in the ring;
  /// what is not was lost.
  std::atomic<std::uint64_t> ended_recorded;
  std::atomic<std::uint64_t> ended_settled;
  std::atomic<std::uint64_t> dropped_started;
  std::atomic<std::uint64_t> dropped_progressed;
  std::atomic<std::uint64_t> dropped_ended;
  std::atomic<std::uint64_t> rejections_unlisted;
};

/// Where they stand in the head; the names of the process stand before them.
inline constexpr std::size_t RingNumbersAt = RingMemory::HeadBytes / 2;

/// What stands before a record's payload. `state` and `seq` change while the record is kept;
/// `check` is over all that does not.
struct RecordHead {
  std::atomic<std::uint32_t> state;
  std::uint32_t check;
  std::atomic<std::uint64_t> seq;  ///< with a check of its own; see EventRing::seq_of()
  RingPlace place;
  std::uint32_t bytes;  ///< with this head; a multiple of 8
  std::uint16_t kind;
  std::uint16_t is_copy;  ///< made by the reporter: a recorder's own stood elsewhere
};
static_assert(sizeof(RecordHead) == 32 && std::atomic<std::uint64_t>::is_always_lock_free);

/// Held for some ten instructions, so that a thread that finds it taken does not sleep: it tries
/// again, and then lets others run. Thread: any.
class BriefLock {
 public:
  void lock() {
    constexpr unsigned Tries = 100;
    for (unsigned tries = 0; taken_.exchange(true, std::memory_order_acquire); ++tries) {
      if (tries >= Tries) std::this_thread::yield();
    }
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

/// Started and ended events, and gaps, as records in a RingMemory. Many threads record; one, the
/// reporter, reads in order, numbers, frees and moves. The memory is the storage: whoever maps the
/// file of a process that was killed finds everything that record() had returned for. A lock
/// is held while a record's place is taken, never while it is written. Thread: as each part says.
class EventRing {
 public:
  enum class State : std::uint32_t {
    Reserved = 0x76656e74,   ///< being written; torn when its process is gone
    Committed = 0x57686f6c,  ///< whole
    Free = 0x46726565,
  };

  /// The ring is empty, whatever the memory held.
  explicit EventRing(RingMemory memory);
  /// The ring is as a process left it that is gone: `end` is where scan_ring() found no more. There
  /// is nothing to read in order, and what is freed is not written again: only gaps are appended.
  EventRing(RingMemory memory, RingPlace end);
  EventRing(const EventRing&) = delete;
  EventRing& operator=(const EventRing&) = delete;

  std::size_t bytes() const { return memory_.bytes(); }
  const RingMemory& memory() const { return memory_; }
  RingNumbers& numbers() const;

  // Any thread.

  /// A record, whole when this returns; 0: there is no room. A payload begins with the name of its
  /// request: with 0 there, it is the first of it, and its own place becomes the name.
  RingPlace append(RecordKind kind, std::string_view payload);
  /// The two halves of it: room, into which the payload is written, and the word that it is.
  RingPlace reserve(std::size_t payload_bytes);
  char* payload(RingPlace place) const { return memory_.at(place) + sizeof(RecordHead); }
  void commit(RingPlace place, RecordKind kind);
  /// An end was recorded, or could not be.
  void count_ended() { ended_recorded_.fetch_add(1, std::memory_order_relaxed); }

  // The reporter's thread.

  struct Record {
    RingPlace place = 0;
    RecordKind kind = RecordKind::None;
    std::size_t bytes = 0;
    std::string_view payload;  ///< valid until the record is freed or moved
  };
  /// The next record of a recorder, in order. False: none is whole.
  bool next(Record& out);
  Record record(RingPlace place) const;
  /// A record of the reporter's own; next() passes it over. 0: there is no room.
  RingPlace append_gap(const Gap& gap, std::uint64_t seq);
  void set_seq(RingPlace place, std::uint64_t seq);
  /// Its bytes are of no more use. Those at the head can be written again.
  void free(RingPlace place);
  /// The oldest record that is kept, if it can be moved: it is whole, and has been read.
  bool oldest(Record& out) const;
  /// Copies it to the end, and frees it. Its new place; 0: there is no room.
  RingPlace move(const Record& record);
  /// Asks the system for the memory that will be written next, and tells the head how many ends
  /// were recorded. Recorders do not write there: a page that the system writes to the disk just
  /// then would hold them up, and this one they all share.
  void prepare();
  /// From the oldest record to the end, with what is free in between.
  std::size_t used() const;

  static std::uint64_t seq_of(const RecordHead& head);
  static std::uint32_t check_of(const RecordHead& head);

 private:
  RecordHead& head_of(RingPlace place) const;
  RingPlace reserve_within(std::size_t payload_bytes, std::size_t bytes_max);
  void finish(RingPlace place, RecordKind kind, std::uint16_t is_copy);
  void advance_head();
  void give_back(RingPlace to);

  RingMemory memory_;
  const bool is_left_;  // by a process that is gone
  BriefLock lock_;      // of end_'s changes
  std::atomic<std::uint64_t> ended_recorded_{0};
  std::atomic<RingPlace> end_;  // where the next record goes
  RingPlace read_;              // the reporter's: the next record to read
  RingPlace given_back_ = 0;    // the reporter's: memory before it is the system's again
  RingPlace prepared_ = 0;      // the reporter's: memory before it has been asked for
};

}  // namespace vdm::proxy
