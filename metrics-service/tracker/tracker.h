#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics-service/tracker/cursor.h"
#include "metrics-service/tracker/figures/series.h"
#include "metrics-service/tracker/figures/totals.h"
#include "metrics-service/tracker/live_event.h"
#include "proto/contract/wire_buffer.h"

namespace vdm::metrics {

struct TrackerOptions {
  std::string epoch = "0";  ///< the id of the log; no '-' in it
  std::chrono::milliseconds lease = std::chrono::seconds(5);
  std::chrono::milliseconds gone_shown = std::chrono::minutes(10);
  std::size_t active_max = 100'000;
  std::size_t active_of_instance_max = 50'000;  ///< so that no proxy takes all places
  std::size_t models_max = 1'000;
  std::size_t instances_max = 4'096;
  std::size_t lost_max = 65'536;     ///< lost requests whose late Ended still corrects the totals
  std::size_t closed_max = 262'144;  ///< ended ids that a late Started does not reopen
  std::size_t errors_max = 100;
  std::size_t traces_max = 200;
  std::size_t events_max = 65'536;  ///< applied events kept so that readers can resume
  std::size_t events_bytes_max = 32 * 1024 * 1024;
};

struct HelloReply {
  /// Another process has this instance id: its secret is not the one of the Hello. Nothing changed.
  bool is_of_another = false;
  std::uint64_t last_committed_seq = 0;
};

/// The events after a cursor, or why the tracker cannot give them.
struct Continuation {
  std::vector<LiveEventPtr> events;
  std::string reset_reason;  ///< "epoch", "too_old" or "malformed"; empty: `events` is complete
  std::uint64_t lost = 0;    ///< events that the reader missed; 0 when that is not known
};

struct Counts {
  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  std::uint64_t lost = 0;
  std::uint64_t active = 0;

  friend bool operator==(const Counts&, const Counts&) = default;
};

/// What runs, what ran, and which proxies are connected: a state machine; its caller passes each
/// report with the time. A request's state rises, ACTIVE < LOST < ENDED, whatever the order and
/// repeats of reports (Requests has the one exception); at all times started = ended + lost +
/// active. TrackerOptions has every bound. It
/// has no clock, no lock and no I/O. Thread: owner only.
class Tracker {
 public:
  explicit Tracker(TrackerOptions options);
  ~Tracker();
  Tracker(const Tracker&) = delete;
  Tracker& operator=(const Tracker&) = delete;

  // Reports of proxies. Events of an instance that sent no Hello are accepted, too.

  HelloReply hello(const ProxyHello& hello, ClockPair now);
  /// Applies the events `first_seq`, `first_seq` + 1, … (after a Gap its to_seq + 1), except those
  /// applied before, whose numbers it adds to `repeated`. Returns the last sequence number of the
  /// batch.
  std::uint64_t apply(std::string_view instance_id, std::uint64_t first_seq,
                      const std::vector<Event>& events, ClockPair now,
                      std::vector<std::uint64_t>* repeated = nullptr);
  /// Returns true when our view differs from the proxy's at the same sequence number: ask it for a
  /// snapshot with facts.
  bool heartbeat(std::string_view instance_id, const ProxyHeartbeat& heartbeat, ClockPair now);
  /// Takes all parts of a snapshot together. Requests that started at or before `as_of_seq` and are
  /// not listed are declared lost, once every event up to `as_of_seq` is applied; a lost request
  /// that is listed is active again. Returns true when the list has unknown ids without facts: ask
  /// for them.
  bool active_snapshot(std::string_view instance_id, std::uint64_t as_of_seq,
                       const std::vector<ActiveEntry>& entries, ClockPair now);
  /// Notes that a message of this instance had numbers that no request can have.
  void left_out(std::string_view instance_id, std::uint64_t numbers, ClockPair now);
  /// The process is gone, and everything of it has come: what still runs is lost at once.
  void goodbye(std::string_view instance_id, ClockPair now);
  /// `session`: the one of its Hello. The end of an earlier session than the last changes nothing.
  void stream_closed(std::string_view instance_id, ClockPair now, std::uint64_t session = 0);

  // Calls of the service itself.

  /// Ends leases. Call it every 250 ms or so; after a longer pause, which is the service's own,
  /// proxies get that much more time.
  void tick(ClockPair now);
  /// Sets why the service is degraded, one sentence each; empty: it is not.
  void set_degraded(std::vector<std::string> reasons);
  /// Notes that the store has everything of that instance up to `seq`; the next hello() returns it.
  void committed(std::string_view instance_id, std::uint64_t seq);
  /// The changes of the following calls stand at that position of the log (see Journal).
  void begin(std::uint64_t position);
  /// Begins another log, from which no cursor of the former one can continue.
  void set_epoch(std::string epoch);
  /// A revision for a row of history that is no new change.
  std::uint64_t take_revision();
  /// The events since the last call that history keeps, oldest first.
  std::vector<LiveEventPtr> take_kept();

  // Checkpoints and history: at start, before anything else, until finish_restore().

  /// Appends all state but the events kept for resuming. The same state gives the same bytes in
  /// every process.
  void save(WireBuffer& out, ClockPair now) const;
  /// Takes the place of the state. False: the bytes are no state, and nothing has changed.
  bool load(std::string_view bytes, ClockPair now);
  /// Goes on in a new process at `position`, with rows of history still to come: no proxy is
  /// connected. Up to there the log had told `told` events.
  void restart(std::uint64_t position, std::uint64_t told, ClockPair now);
  /// Takes one row of history that the checkpoint does not have, in the order in which it was
  /// stored. Makes no LiveEvent. Reports may come between: rows and reports may be about the same
  /// requests.
  void restore(const LiveEvent& event, ClockPair now);
  void restore_watermark(std::string_view instance_id, std::string_view proxy, std::uint64_t seq,
                         const InstanceSecret& secret = {});
  /// Every row was given.
  void finish_restore(ClockPair now);
  /// Between restart() and finish_restore(): the sums are too small, and no lease ends.
  bool restoring() const;
  struct Watermark {
    std::string_view instance_id;
    std::uint64_t committed_seq = 0;
  };
  std::vector<Watermark> watermarks() const;

  // Revisions and the events between them.

  const std::string& epoch() const;
  std::uint64_t revision() const;
  /// How many events were told up to revision().
  std::uint64_t told() const;
  Cursor cursor() const { return {epoch(), revision(), told()}; }
  /// The last revision that must be pushed at once: starts, ends, losses and states of proxies.
  /// Progress does not move it.
  std::uint64_t structure_revision() const;
  Continuation events_after(std::string_view cursor) const;
  /// The same for a revision of this epoch. Cheap when few events follow.
  Continuation events_after(std::uint64_t revision) const;
  /// The oldest revision from which events_after() can continue.
  std::uint64_t oldest_revision() const;
  /// How many events were told up to that revision, which is not below oldest_revision().
  std::uint64_t events_up_to(std::uint64_t revision) const;
  /// How many events a reader, who has been told `told`, misses when it goes on behind that
  /// revision; 0 when it does not know.
  std::uint64_t missed(std::optional<std::uint64_t> told, std::uint64_t revision) const;

  // Views.

  std::vector<ActiveView> active(ClockPair now) const;  ///< newest first
  /// The requests that changed after `revision`, newest first. Costs what it finds, not what runs.
  std::vector<ActiveView> active_changed_after(std::uint64_t revision, ClockPair now) const;
  std::optional<ActiveView> oldest_active(ClockPair now) const;
  bool is_active(std::string_view request_id) const;
  std::optional<ActiveView> find_active(std::string_view request_id, ClockPair now) const;
  /// The proxy's name for that instance; the beginning of the id before its Hello.
  std::string proxy_name(std::string_view instance_id) const;
  InstanceSecret secret_of(std::string_view instance_id) const;
  /// The highest number that the next batch of that instance may begin with: the one after the last
  /// that arrived, or that its Hello says is still to come. A higher one would be a jump that no
  /// Gap declares.
  std::uint64_t first_seq_most(std::string_view instance_id) const;
  std::vector<ProxyView> proxies() const;  ///< ordered by name, then by instance
  const Totals& totals() const;
  const Series& series() const;
  std::vector<TracePtr> traces(std::size_t limit, std::uint64_t after_seq = 0) const;
  std::vector<TracePtr> errors(std::size_t limit, std::uint64_t after_seq = 0) const;
  std::vector<TracePtr> traces_changed_after(std::uint64_t revision) const;
  std::vector<TracePtr> errors_changed_after(std::uint64_t revision) const;
  Counts counts() const;
  /// The revision of the last change to any proxy's row.
  std::uint64_t proxies_changed_at() const;
  /// The time of the first report that the sums count; the epoch: none yet.
  WallTime since() const;
  const std::vector<std::string>& degraded() const;
  std::uint64_t degraded_changed_at() const;
  /// How many requests are not followed because `active_max` or `active_of_instance_max` were
  /// running; they count when they end.
  std::uint64_t active_overflow() const;

  /// How many running requests were examined to answer the calls above: the cost of views.
  std::uint64_t rows_visited() const;

  /// A sentence that names the count which does not add up; empty when all do.
  std::string broken_invariant() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vdm::metrics
