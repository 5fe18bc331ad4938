#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "proto/contract/event.h"
#include "proxy-service/events/decoded_events.h"
#include "proxy-service/events/event_queue.h"
#include "proxy-service/spool/ring_scan.h"

namespace vdm::proxy {

/// What the reporter knows: which events wait, which are sent but not
/// acknowledged, which requests are active, and what to send next. An event gets its
/// sequence number when it first goes into a batch, so merging or dropping events before
/// leaves no hole. The events themselves stay in the queue's ring, with their numbers: the log has
/// some 100 bytes for each. Bounded in bytes of the ring; when full it makes room in the protocol's
/// order, and sends a Gap for what it lost. No clock, no I/O, no gRPC. Thread: the reporter's.
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

  ReportLog(EventQueue& queue, Limits limits);

  /// Takes everything recorded so far. Ended events that the queue had to drop become a Gap.
  void take();
  /// Goes on where a process has stopped that is gone; once, before anything else. Numbers whose
  /// events are not there any more become Gaps; so do ends that `scan` lacks.
  void restore(const RingScan& scan);

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
  /// Of events that are not acknowledged.
  std::size_t bytes() const { return bytes_; }
  const DroppedCounts& dropped() const { return dropped_; }

 private:
  static constexpr std::uint32_t GapSentBytes = 128;

  enum class Kind : std::uint8_t { Started, Progressed, Ended, Gap };
  struct Entry {
    Kind kind = Kind::Gap;
    bool sent_once = false;         // in its present form, on any stream
    bool is_unkept = false;         // a Gap whose record in the ring is missing or outdated
    std::uint32_t bytes = 0;        // of its record
    std::uint32_t sent_bytes = 0;   // encoded it has no more
    std::uint64_t seq = 0;          // 0: none yet
    std::uint64_t to_seq = 0;       // of a Gap with a number
    RingPlace key = 0;              // of its request; of a Gap: its own record, 0: none
    std::uint64_t started_seq = 0;  // of an ended request; 0: its start was never sent
    std::uint64_t ended_count = 0;  // of a Gap
    std::shared_ptr<Progressed> progressed{};

    std::uint64_t last_seq() const { return kind == Kind::Gap ? to_seq : seq; }
  };
  /// A request whose start or end is in the ring. Its records are kept until its end is
  /// acknowledged or lost. The key is the first place of its start, or of its end without one.
  struct Request {
    RingPlace start_place = 0;      // 0: it has none
    RingPlace end_place = 0;        // 0: it runs, or is done
    std::uint64_t started_seq = 0;  // 0: its start has no number yet
    std::uint64_t id_hash = 0;      // set when it becomes known
    std::uint64_t decoded_in = 0;   // the batch in which its facts were last decoded
    std::size_t decoded_at = 0;
    bool known = false;           // numbered, or listed on opening: the service has it as active
    bool over = false;            // its end has a number, or was dropped
    bool done = false;            // its end is acknowledged or lost
    bool start_waits = false;     // its start is one of the entries
    bool progress_waits = false;  // `progress` is that of an entry without a number
    std::shared_ptr<Progressed> progress{};
  };
  using Entries = std::deque<Entry>;
  using Requests = absl::flat_hash_map<RingPlace, Request>;

  // Adding.
  void add(const EventRing::Record& record);
  void add_started(const EventRing::Record& record, RingPlace key);
  void add_ended(const EventRing::Record& record, RingPlace key, std::size_t attempts);
  void add_progress(RingPlace start, Progressed&& progressed);
  void add_dropped(const EventQueue::TakenEvents& taken);
  void push(Entry&& entry);

  // Requests, and the active set.
  void make_known(Request& request, std::string_view id);
  void end(Request& request);
  void finish(RingPlace key);
  void start_is_gone(RingPlace key);
  FactsPtr facts_of(const Request& request) const;
  ActiveItem item_of(const Request& request) const;

  // Numbers, and events from records.
  void number_one();
  std::size_t index_of(std::uint64_t seq) const;
  const Event* decoded(const Entry& entry);
  void forget_decoded();
  std::optional<std::size_t> decoded_facts(Request& request);
  bool read_ended_facts(std::string_view payload, Request& request, Ended& ended);

  void settle(const Entry& entry);
  Entries::iterator first_unsent() { return entries_.begin() + signed_numbered(); }
  std::ptrdiff_t signed_numbered() const { return static_cast<std::ptrdiff_t>(numbered_); }

  // Making room; see report_room.cc.
  std::size_t held_bytes() const { return ring_bytes_ + progress_bytes_; }
  void make_room();
  void drop_unsent_progress();
  void drop_started_that_ended();
  bool drop_oldest();
  void turn_into_gap(std::size_t index);
  void join_gaps(std::size_t index);
  void shrink(Entry& numbered, const Entry& to);
  void keep_gaps();
  void free_record(RingPlace& place);
  void compact();
  void moved(const EventRing::Record& from, RingPlace to);

  // Restoring; see report_restore.cc.
  struct Left;
  void restore_start(const FoundRecord& found);
  void restore_end(const FoundRecord& found, Left& left);
  void restore_gap(const FoundRecord& found, Left& left);
  void restore_numbered(Left& left);
  void restore_hole(std::uint64_t to_seq);
  void restore_missing(std::uint64_t ended_found);
  void discard(Entry& entry);

  EventQueue& queue_;
  EventRing& ring_;
  const Limits limits_;
  Entries entries_;           // not acknowledged, in order
  std::size_t numbered_ = 0;  // how many at the front have numbers, without a hole
  Requests requests_;
  std::uint64_t next_seq_ = 1;
  std::uint64_t send_next_ = 1;     // the next number to send on this stream
  std::uint64_t committed_ = 0;     // the highest that was ever acknowledged
  std::uint64_t opened_after_ = 0;  // Welcome.last_committed_seq of this stream
  bool open_ = false;
  bool gaps_unkept_ = false;
  std::uint64_t credit_bytes_ = 0;
  std::uint64_t outstanding_bytes_ = 0;  // sent on this stream, not acknowledged
  std::size_t bytes_ = 0;
  std::size_t ring_bytes_ = 0;      // of records that are not free
  std::size_t progress_bytes_ = 0;  // of progress in entries_
  std::uint32_t active_count_ = 0;
  std::uint64_t active_hash_ = 0;
  DroppedCounts dropped_;

  DecodedEvents decoded_;           // of the last batch
  std::uint64_t batch_number_ = 1;  // 0: that of a request that was never decoded
};

}  // namespace vdm::proxy
