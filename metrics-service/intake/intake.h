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
class Intake {
 public:
  /// `changed` is called after the tracker may have changed; it must be cheap.
  Intake(Tracker& tracker, EventLog& log, const Clock& clock);

  /// Adds someone to be told that the tracker may have changed. Called at most once per call below.
  void on_change(std::function<void()> listener);

  HelloReply hello(const ProxyHello& hello);
  /// `on_committed(seq)` runs on this thread when everything up to `seq` is stored: acknowledge it.
  void report(std::string_view instance_id, std::uint64_t first_seq,
              const std::vector<Event>& events, std::function<void(std::uint64_t)> on_committed);
  /// True: ask the proxy for a snapshot with facts.
  bool heartbeat(std::string_view instance_id, const ProxyHeartbeat& heartbeat);
  /// All parts together. True: ask the proxy for a snapshot with facts.
  bool active_snapshot(std::string_view instance_id, std::uint64_t as_of_seq,
                       const std::vector<ActiveEntry>& entries);
  void stream_closed(std::string_view instance_id);
  /// Every 250 ms.
  void tick();
  /// At start, before anything else: history into the tracker.
  void restore();

  const Tracker& tracker() const { return tracker_; }
  Moment now() const;

 private:
  void after_change(std::string_view instance_id, std::uint64_t watermark,
                    std::function<void()> on_committed);

  Tracker& tracker_;
  EventLog& log_;
  const Clock& clock_;
  std::vector<std::function<void()>> listeners_;
  std::uint64_t logged_revision_ = 0;
};

}  // namespace vdm::metrics
