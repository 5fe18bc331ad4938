#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "metrics-service/log/event_log.h"
#include "metrics-service/store/history_store.h"
#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// The only way for proxies' reports into the tracker: proposes them to the log, applies its
/// entries, hands what comes out to history, and notifies the listeners that show changes.
/// IngestSession posts to it. Thread: owner only.
class Pipeline {
 public:
  Pipeline(Tracker& tracker, EventLog& log, HistoryStore& store, const Clock& clock);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Adds a listener, which each call below calls once when the tracker may have changed. The
  /// listener must be cheap and live as long as the pipeline.
  void on_change(std::function<void()> listener);

  /// Call hello() once for each stream, and stream_closed() once for each hello() that was not
  /// another process's.
  HelloReply hello(const ProxyHello& hello);
  /// Applies a batch. `on_committed(seq)` runs on this thread when everything up to `seq` is
  /// stored: acknowledge it to the proxy. False: history had refused rows of this instance and has
  /// room again. Close the stream; the proxy will send a Hello and then again what is not
  /// committed. Between refusal and resend the live view continues, without acknowledgements.
  bool report(std::string_view instance_id, std::uint64_t first_seq,
              const std::vector<Event>& events, std::function<void(std::uint64_t)> on_committed);
  /// Returns true when the proxy must be asked for a snapshot with facts.
  bool heartbeat(std::string_view instance_id, const ProxyHeartbeat& heartbeat);
  /// Takes all parts of a snapshot together. Returns true when the proxy must be asked for a
  /// snapshot with facts.
  bool active_snapshot(std::string_view instance_id, std::uint64_t as_of_seq,
                       const std::vector<ActiveEntry>& entries);
  /// Notes that a message of this instance had numbers that no request can have.
  void left_out(std::string_view instance_id, std::uint64_t numbers);
  /// The instance's process is gone. `on_committed` runs on this thread when what it left running
  /// is stored as lost. False: history cannot take that now.
  bool goodbye(std::string_view instance_id, std::function<void()> on_committed);
  /// `session`: the one of its Hello.
  void stream_closed(std::string_view instance_id, std::uint64_t session = 0);
  /// Call it every 250 ms.
  void tick();

  /// Takes the newest checkpoint, and has the rows behind it read while reports already come. Call
  /// it at start, before anything else. `restored` gets the number of rows once all are read; it is
  /// called before this returns when there are none.
  void restore(const HistoryStart& start, std::function<void(std::uint64_t)> restored = {});
  /// Has a checkpoint kept now; by itself that happens once a minute. No-one: while history is
  /// being read.
  void keep_checkpoint();

  /// Whether history has what a reader missed that the tracker's events no longer reach.
  bool history_reaches() const { return store_.is_kept() && behind_.empty(); }
  /// Up to which revision such a reader must be given rows of history, to go on from there with the
  /// tracker's events; nothing: not all of them are committed yet.
  std::optional<std::uint64_t> history_last() const;
  /// A page of the committed rows after `revision` and up to `last`; `on_page` runs on this thread.
  void read_history(std::uint64_t revision, std::uint64_t last,
                    std::function<void(HistoryPage)> on_page);

  const Tracker& tracker() const { return tracker_; }
  /// Why the service is degraded, one sentence each.
  const std::vector<std::string>& degraded() const { return tracker_.degraded(); }
  ClockPair now() const;

 private:
  /// What came of an input.
  struct Effect {
    HelloReply hello;
    std::uint64_t last_seq = 0;
    bool asks_snapshot = false;
    std::vector<LiveEventPtr> rows;  ///< what history keeps
  };
  Effect tell(const Input& input);
  std::uint64_t fold(const EntryPlace& place, const Input& input);
  Effect apply(const ReportedBatch& batch, ClockPair at);
  void keep_secret(const ProxyHello& hello);
  void keep_rows(std::vector<LiveEventPtr> rows);
  AppendResult append(LogBatch batch, std::function<void()> on_committed);
  void changed();

  Tracker& tracker_;
  EventLog& log_;
  HistoryStore& store_;
  const Clock& clock_;
  std::vector<std::function<void()>> listeners_;
  Effect effect_;
  std::uint64_t restored_rows_ = 0;
  std::uint64_t repeated_to_ = 0;  ///< rows of events that were told before stand up to there
  std::uint64_t appended_to_ = 0;  ///< the last row that history has accepted
  std::uint64_t committed_to_ = 0;
  std::set<std::string, std::less<>> behind_;  ///< instances of which history refused rows
  MonotonicTime checkpoint_at_;
  std::uint64_t checkpoint_revision_ = 0;
};

}  // namespace vdm::metrics
