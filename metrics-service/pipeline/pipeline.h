#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "metrics-service/store/event_log.h"
#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// The only way for proxies' reports into the tracker: applies them, appends to the event log the
/// rows that history keeps, and notifies the listeners that show changes. IngestSession posts to
/// it. Thread: owner only.
class Pipeline {
 public:
  Pipeline(Tracker& tracker, EventLog& log, const Clock& clock);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Adds a listener, which each call below calls once when the tracker may have changed. The
  /// listener must be cheap and live as long as the pipeline.
  void on_change(std::function<void()> listener);

  /// Call hello() once for each stream, and stream_closed() once for each hello() that was not
  /// another process's.
  HelloReply hello(const ProxyHello& hello);
  /// Applies a batch. `on_committed(seq)` runs on this thread when everything up to `seq` is
  /// stored: acknowledge it to the proxy. False: the log had refused rows of this instance and has
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
  /// is stored as lost. False: the log cannot take that now.
  bool goodbye(std::string_view instance_id, std::function<void()> on_committed);
  void stream_closed(std::string_view instance_id);
  /// Call it every 250 ms.
  void tick();
  /// Puts history into the tracker. Call it at start, before anything else. Returns the number of
  /// rows.
  std::uint64_t restore();

  const Tracker& tracker() const { return tracker_; }
  /// Why the service is degraded, one sentence each.
  const std::vector<std::string>& degraded() const { return tracker_.degraded(); }
  ClockPair now() const;

 private:
  void keep_secret(const ProxyHello& hello);
  LogBatch rows_of(std::string_view instance_id, std::uint64_t first_seq,
                   const std::vector<Event>& events, ClockPair now) const;
  /// Appends the losses that the tracker declared, whichever call caused them; proxies do not
  /// report losses.
  void keep_losses();
  void changed();

  Tracker& tracker_;
  EventLog& log_;
  const Clock& clock_;
  std::vector<std::function<void()>> listeners_;
  std::uint64_t losses_kept_to_ = 0;  ///< a revision of the tracker
};

}  // namespace vdm::metrics
