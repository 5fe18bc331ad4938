#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics {

/// What is to be kept of one report: the rows that history needs (Ended, Gap and Lost; the rest
/// is restored by the proxies) and how far the instance has come with them.
struct LogBatch {
  std::string instance_id;
  std::string proxy;
  std::uint64_t watermark = 0;  ///< 0: says nothing of the instance's sequence
  std::vector<LiveEventPtr> rows;
};

/// What replay hands back, in the order it was written.
struct ReplayedWatermark {
  std::string instance_id;
  std::string proxy;
  std::uint64_t seq = 0;
};
struct Replay {
  std::function<void(const LiveEvent&)> row;
  std::function<void(const ReplayedWatermark&)> watermark;
};

enum class AppendResult {
  Accepted,
  NotNow,  ///< refused, and all of this instance until resume(): its proxy keeps its events
  Resend,  ///< refused because an earlier one was; now there is room for all of it again
};

/// Runs something on the owner's thread, later.
using PostToOwner = std::function<void(std::function<void()>)>;

/// Where history is kept: an ordered log that the tracker is a fold of. A row is known by
/// (instance, seq), so one that comes twice is kept once. Thread: the owner's; replay
/// before the first append.
class EventLog {
 public:
  virtual ~EventLog() = default;

  virtual void replay(const Replay& into) = 0;
  /// `on_committed` runs on the owner's thread once the batch is safe, in the order of append;
  /// never, when it cannot be kept.
  virtual AppendResult append(LogBatch batch, std::function<void()> on_committed) = 0;
  /// The proxy sends again from what was committed.
  virtual void resume(const std::string& instance_id) = 0;
  /// Writes what is queued, if that can be, and takes nothing more. Any thread.
  virtual void close() = 0;
  /// Why history is not being kept, one sentence each; empty: it is.
  virtual std::vector<std::string> degraded() const = 0;
};

}  // namespace vdm::metrics
