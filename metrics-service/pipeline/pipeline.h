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

/// The one door to the tracker for what proxies report: applies it, hands what is to be
/// kept to the event log, and wakes those who show it. The gRPC side posts here.
/// Thread: owner only.
class Pipeline {
 public:
  Pipeline(Tracker& tracker, EventLog& log, const Clock& clock);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Adds someone to be told, once per call below, that the tracker may have changed. It must be
  /// cheap, and lives as long as the pipeline.
  void on_change(std::function<void()> listener);

  /// Once for each stream; stream_closed() once for each hello().
  HelloReply hello(const ProxyHello& hello);
  /// `on_committed(seq)` runs on this thread when everything up to `seq` is stored: acknowledge it.
  /// False: the log lost its place in this instance's events and works again. Close the stream; the
  /// proxy will say hello and send again what is not committed. Until then live goes on, without
  /// acknowledgements.
  bool report(std::string_view instance_id, std::uint64_t first_seq,
              const std::vector<Event>& events, std::function<void(std::uint64_t)> on_committed);
  /// True: ask the proxy for a snapshot with facts.
  bool heartbeat(std::string_view instance_id, const ProxyHeartbeat& heartbeat);
  /// All parts together. True: ask the proxy for a snapshot with facts.
  bool active_snapshot(std::string_view instance_id, std::uint64_t as_of_seq,
                       const std::vector<ActiveEntry>& entries);
  void stream_closed(std::string_view instance_id);
  /// Every 250 ms.
  void tick();
  /// At start, before anything else: history into the tracker. How many rows there were.
  std::uint64_t restore();

  const Tracker& tracker() const { return tracker_; }
  /// Why the service is less than it should be, one sentence each.
  const std::vector<std::string>& degraded() const { return tracker_.degraded(); }
  ClockPair now() const;

 private:
  LogBatch rows_of(std::string_view instance_id, std::uint64_t first_seq,
                   const std::vector<Event>& events, ClockPair now) const;
  /// Losses are said by the tracker, not by proxies: whatever call they came of, they are kept.
  void keep_losses();
  void changed();

  Tracker& tracker_;
  EventLog& log_;
  const Clock& clock_;
  std::vector<std::function<void()>> listeners_;
  std::uint64_t losses_kept_to_ = 0;  ///< revision
};

}  // namespace vdm::metrics
