#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "proto/contract/event.h"
#include "proxy-service/events/event_queue.h"

namespace vdm::proxy {

/// What the reporter knows: which events wait, which are sent but not
/// acknowledged, which requests are active, and what to send next. An event gets its
/// sequence number when it first goes into a batch, so merging or dropping events before
/// leaves no hole. Bounded in bytes; when full it makes room in the protocol's order, and
/// sends a Gap for what it lost. No clock, no I/O, no gRPC. Thread: the reporter's.
class ReportLog {
 public:
  struct Limits {
    std::size_t bytes_max = EventQueue::DefaultBytesMax;
    std::size_t batch_events_max = 512;
    std::size_t batch_bytes_max = 1024 * 1024;
  };

  struct Batch {
    std::uint64_t first_seq = 0;
    std::vector<const Event*> events;  ///< valid until the log is changed
  };

  struct ActiveItem {
    FactsPtr facts;
    std::optional<Progressed> progress;
  };
  struct ActiveList {
    std::uint64_t as_of_seq = 0;
    std::vector<ActiveItem> items;
  };

  /// The active set as the service sees it: as of the last event with a sequence number, and
  /// with the requests that active_on_open() has listed.
  struct Vitals {
    std::uint32_t active_count = 0;
    std::uint64_t active_hash = 0;
    std::uint64_t as_of_seq = 0;
  };

  explicit ReportLog(Limits limits);

  // From the queue.

  void add(Event&& event);
  /// Adds all of it, in order. Ended events that the queue had to drop become a Gap.
  void add(EventQueue::TakenEvents taken);

  // From the service.

  /// A stream is open: next_batch() goes on after `last_committed_seq`.
  void open(std::uint64_t last_committed_seq, std::uint64_t credit_bytes);
  void acknowledge(std::uint64_t committed_seq, std::uint64_t credit_bytes);
  /// The stream has ended: next_batch() has nothing to send until the next open().
  void close() { open_ = false; }
  /// The service refused the events sent on this stream and would refuse them for ever:
  /// turns them into a Gap, so that the rest can go on.
  void give_up_sent();

  // To the service.

  /// Fills `batch` with the next events to send. False: there are none, or no credit.
  bool next_batch(Batch& batch);
  /// The active requests as of what the service has committed, for the start of a stream:
  /// with it a service that has forgotten everything shows every active request at once.
  /// From then on the log counts the listed requests as known to the service.
  ActiveList active_on_open();
  /// The active requests as of the last sequence number; correct only when all_sent().
  ActiveList active_now() const;
  Vitals vitals() const { return {active_count_, active_hash_, next_seq_ - 1}; }

  /// Whether every event with a sequence number has been sent on this stream.
  bool all_sent() const { return send_next_ == next_seq_; }
  bool empty() const { return entries_.empty(); }
  std::uint64_t oldest_unacknowledged() const {
    return numbered_ == 0 ? next_seq_ : entries_.front().seq;
  }
  std::uint64_t acknowledged() const { return committed_; }
  std::size_t bytes() const { return bytes_; }
  const DroppedCounts& dropped() const { return dropped_; }

 private:
  /// Events are large: each is moved here once, and numbered in place.
  struct Entry {
    Event event;
    std::size_t bytes = 0;
    std::uint64_t seq = 0;          // 0: none yet
    std::uint64_t started_seq = 0;  // of an ended request; 0: its start was never sent
    bool sent_once = false;         // in its present form, on any stream

    std::uint64_t last_seq() const;
  };
  struct Active {
    FactsPtr facts;
    std::optional<Progressed> progress;
    std::uint64_t started_seq = 0;  // 0: its start has no number yet
    std::uint64_t id_hash = 0;      // set when it becomes known
    bool known = false;             // numbered, or listed on opening: the service has it as active
    bool ended = false;             // its end has no number yet
    Entry* unsent_progress = nullptr;
  };
  using Entries = std::deque<Entry>;
  using ActiveById = absl::flat_hash_map<std::string_view, Active>;

  void add_dropped(const EventQueue::TakenEvents& taken);
  void forget(std::string_view request_id);
  void forget(ActiveById::iterator active);
  void add_progress(Progressed&& progressed);
  void push(Event&& event);
  void number_one();
  std::size_t index_of(std::uint64_t seq) const;
  void make_known(Active& active);
  Entries::iterator first_unsent() { return entries_.begin() + signed_numbered(); }
  std::ptrdiff_t signed_numbered() const { return static_cast<std::ptrdiff_t>(numbered_); }

  void make_room();
  void drop_unsent_progress();
  void drop_started_that_ended();
  bool drop_oldest();
  void turn_into_gap(std::size_t index);
  void join_gaps(std::size_t index);
  void shrink(Entry& numbered, std::size_t bytes);

  const Limits limits_;
  Entries entries_;           // not acknowledged, in order
  std::size_t numbered_ = 0;  // how many at the front have numbers, without a hole
  ActiveById active_;         // the keys are views into the facts
  std::uint64_t next_seq_ = 1;
  std::uint64_t send_next_ = 1;     // the next number to send on this stream
  std::uint64_t committed_ = 0;     // the highest that was ever acknowledged
  std::uint64_t opened_after_ = 0;  // Welcome.last_committed_seq of this stream
  bool open_ = false;
  std::uint64_t credit_bytes_ = 0;
  std::uint64_t outstanding_bytes_ = 0;  // sent on this stream, not acknowledged
  std::size_t bytes_ = 0;
  std::uint32_t active_count_ = 0;
  std::uint64_t active_hash_ = 0;
  DroppedCounts dropped_;
};

}  // namespace vdm::proxy
