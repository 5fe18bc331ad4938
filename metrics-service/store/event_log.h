#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics {

/// What the log keeps of one report: the rows that history needs (Ended, Gap and Lost; the proxies
/// report the rest again) and the sequence number that the instance has reached with them.
struct LogBatch {
  std::string instance_id;
  std::string proxy;
  std::uint64_t watermark = 0;  ///< 0: not known
  InstanceSecret secret = {};   ///< of the instance
  std::vector<LiveEventPtr> rows;
};

/// One instance's watermark, as replay() returns it. Rows and watermarks come in the order written.
struct ReplayedWatermark {
  std::string instance_id;
  std::string proxy;
  std::uint64_t seq = 0;
  InstanceSecret secret = {};
};
struct Replay {
  std::function<void(const LiveEvent&)> row;
  std::function<void(const ReplayedWatermark&)> watermark;
};

enum class AppendResult {
  Accepted,
  /// Refused, as is everything of this instance until resume(): its proxy keeps the events.
  NotNow,
  Resend,  ///< refused because an earlier batch was; now there is room to send all again
};

/// Runs a function later on the owner's thread.
using PostToOwner = std::function<void(std::function<void()>)>;

/// Stores history: an ordered log from which the tracker's state can be rebuilt. A row is
/// identified by (instance, seq), so one that is appended twice is kept once. Thread: owner only;
/// replay() comes before the first append().
class EventLog {
 public:
  virtual ~EventLog() = default;

  virtual void replay(const Replay& into) = 0;
  /// `on_committed` runs on the owner's thread once the batch is safe on disk, in the order of
  /// append(); never, when the batch cannot be kept.
  virtual AppendResult append(LogBatch batch, std::function<void()> on_committed) = 0;
  /// Accepts batches of this instance again: its proxy sends everything after the last commit.
  virtual void resume(const std::string& instance_id) = 0;
  /// Writes what is queued, if possible, and accepts nothing more. Any thread.
  virtual void close() = 0;
  /// Why history is not being kept, one sentence each; empty while it is kept.
  virtual std::vector<std::string> degraded() const = 0;
};

}  // namespace vdm::metrics
