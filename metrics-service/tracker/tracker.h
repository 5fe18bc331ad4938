#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics-service/tracker/figures/series.h"
#include "metrics-service/tracker/figures/totals.h"
#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics {

struct TrackerOptions {
  std::string epoch = "0";  ///< new at every process start; no '-' in it
  std::chrono::milliseconds lease = std::chrono::seconds(5);
  std::chrono::milliseconds gone_shown = std::chrono::minutes(10);
  std::size_t active_max = 100'000;
  std::size_t models_max = 1'000;
  std::size_t instances_max = 4'096;
  std::size_t lost_max = 65'536;     ///< lost requests whose late end still corrects totals
  std::size_t closed_max = 262'144;  ///< ended ids that a late start does not reopen
  std::size_t errors_max = 100;
  std::size_t traces_max = 200;
  std::size_t events_max = 65'536;  ///< applied events kept for resume
  std::size_t events_bytes_max = 32 * 1024 * 1024;
};

struct HelloReply {
  std::uint64_t last_committed_seq = 0;
};

/// Where a reader stands: "epoch-revision".
struct Cursor {
  std::string epoch;
  std::uint64_t revision = 0;

  std::string text() const { return epoch + "-" + std::to_string(revision); }
  static std::optional<Cursor> parse(std::string_view text);
};

/// What came after a cursor, or why that cannot be said.
struct Continuation {
  std::vector<LiveEventPtr> events;
  std::string reset_reason;  ///< "epoch", "too_old" or "malformed"; empty: `events` is all there is
  std::uint64_t lost = 0;    ///< events passed over; 0 when it cannot be known
};

struct Counts {
  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  std::uint64_t lost = 0;
  std::uint64_t active = 0;

  friend bool operator==(const Counts&, const Counts&) = default;
};

/// What runs, what ran, and which proxies are there: a state machine that is told
/// what came and when. Per request ACTIVE < LOST < ENDED merged by maximum, so order and
/// repeats do not matter; at all times started = ended + lost + active. Every bound is
/// in TrackerOptions. It has no clock, no lock and no I/O. Thread: owner only.
class Tracker {
 public:
  explicit Tracker(TrackerOptions options);
  ~Tracker();
  Tracker(const Tracker&) = delete;
  Tracker& operator=(const Tracker&) = delete;

  // What proxies say. An instance that never said hello is taken as it comes.

  HelloReply hello(const ProxyHello& hello, ClockPair now);
  /// Events `first_seq`, `first_seq` + 1, … (a Gap moves on to its to_seq + 1). What was
  /// applied before is ignored. Returns the last sequence number of the batch.
  std::uint64_t apply(std::string_view instance_id, std::uint64_t first_seq,
                      const std::vector<Event>& events, ClockPair now);
  /// True: our view differs from the proxy's at the same sequence; ask for a snapshot with facts.
  bool heartbeat(std::string_view instance_id, const ProxyHeartbeat& heartbeat, ClockPair now);
  /// All parts of it together. Ends as lost what started at or before `as_of_seq` and is not
  /// listed, once everything up to `as_of_seq` is applied. A lost request that is listed is active
  /// again. True: it lists ids that we do not know and says no facts; ask for them.
  bool active_snapshot(std::string_view instance_id, std::uint64_t as_of_seq,
                       const std::vector<ActiveEntry>& entries, ClockPair now);
  void stream_closed(std::string_view instance_id, ClockPair now);

  // What the service itself does.

  /// Ends leases. Called every 250 ms or so; a longer pause is the service's own and
  /// is not held against the proxies.
  void tick(ClockPair now);
  /// Why the service is less than it should be, one sentence each; empty: it is well.
  void set_degraded(std::vector<std::string> reasons);
  /// Everything of that instance up to `seq` is in the store; later hellos are told so.
  void committed(std::string_view instance_id, std::uint64_t seq);
  /// One row of history, at start, in the order it was stored. No LiveEvent comes of it.
  void restore(const LiveEvent& event, ClockPair now);
  void restore_watermark(std::string_view instance_id, std::string_view proxy, std::uint64_t seq);

  // Where it stands.

  const std::string& epoch() const;
  std::uint64_t revision() const;
  Cursor cursor() const { return {epoch(), revision()}; }
  /// Starts, ends, losses, proxies' states: what is pushed at once. Not moved by progress.
  std::uint64_t structure_revision() const;
  Continuation events_after(std::string_view cursor) const;
  /// The same for a revision of this epoch. Cheap when there is little to say.
  Continuation events_after(std::uint64_t revision) const;
  /// The oldest revision that events_after can continue.
  std::uint64_t oldest_revision() const;

  // What may be seen.

  std::vector<ActiveView> active(ClockPair now) const;  ///< newest first
  /// Those that changed after `revision`, newest first. Costs what it finds, not what runs.
  std::vector<ActiveView> active_changed_after(std::uint64_t revision, ClockPair now) const;
  std::optional<ActiveView> oldest_active(ClockPair now) const;
  bool is_active(std::string_view request_id) const;
  std::optional<ActiveView> find_active(std::string_view request_id, ClockPair now) const;
  /// The name that instance goes by; the beginning of its id until it has said one.
  std::string proxy_name(std::string_view instance_id) const;
  std::vector<ProxyView> proxies() const;  ///< by name, then instance
  const Totals& totals() const;
  const Series& series() const;
  std::vector<TracePtr> traces(std::size_t limit, std::uint64_t after_seq = 0) const;
  std::vector<TracePtr> errors(std::size_t limit, std::uint64_t after_seq = 0) const;
  std::vector<TracePtr> traces_changed_after(std::uint64_t revision) const;
  std::vector<TracePtr> errors_changed_after(std::uint64_t revision) const;
  Counts counts() const;
  /// Revision of the last change to any proxy's row.
  std::uint64_t proxies_changed_at() const;
  const std::vector<std::string>& degraded() const;
  std::uint64_t degraded_changed_at() const;
  /// Started events that were not followed because `active_max` run already.
  std::uint64_t active_overflow() const;

  /// How many running requests were looked at to answer the questions above: what views cost.
  std::uint64_t rows_visited() const;

  /// The sentence that says which count does not add up; empty: all do.
  std::string broken_invariant() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vdm::metrics
