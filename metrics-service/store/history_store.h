#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "metrics-service/log/position_block.h"
#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics {

/// What history keeps of one entry of the log: the rows (Ended, Gap and Lost; the proxies report
/// the rest again) and the sequence number that the instance has reached with them.
struct LogBatch {
  std::string instance_id;
  std::string proxy;
  std::uint64_t watermark = 0;  ///< 0: not known
  InstanceSecret secret = {};   ///< of the instance
  std::vector<LiveEventPtr> rows;
  std::uint64_t told = 0;  ///< how many events the log had told with the entry; 0: not known
};

/// One instance's watermark as it is stored.
struct StoredWatermark {
  std::string instance_id;
  std::string proxy;
  std::uint64_t seq = 0;
  InstanceSecret secret = {};
};

/// The tracker's whole state at a revision, with all rows up to there in history.
struct Checkpoint {
  std::uint64_t revision = 0;
  std::string state;
  /// The last row of each file that the state counts.
  struct Place {
    std::string file;
    std::int64_t last_id = 0;
  };
  std::vector<Place> places = {};
};

enum class AppendResult {
  Accepted,
  /// Refused, as is everything of this instance until resume(): its proxy keeps the events.
  NotNow,
  Resend,  ///< refused because an earlier batch was; now there is room to send all again
};

/// Runs a function later on the owner's thread.
using PostToOwner = std::function<void(std::function<void()>)>;

/// What a process finds when it begins.
struct HistoryStart {
  PositionBlock block;       ///< of the log
  bool is_reserved = false;  ///< whether the block is reserved on disk
  std::uint64_t told = 0;    ///< how many events the log had told with the last commit
};

/// Gets the rows that a checkpoint does not have, on the owner's thread.
struct RestoreSink {
  std::function<void(const std::vector<LiveEventPtr>&)> rows;
  std::function<void()> done;
};

/// A part of the rows between two revisions.
struct HistoryPage {
  std::vector<LiveEventPtr> rows;
  std::uint64_t up_to = 0;  ///< all rows up to here were read
  bool is_complete = true;  ///< false: a file could not be read
};

/// Takes what comes out of the log, in its order, and gives it back. A row is identified by
/// (instance, seq), so one that is appended twice is kept once. By itself it keeps nothing.
/// Thread: owner only.
class HistoryStore {
 public:
  virtual ~HistoryStore() = default;

  // At start, in this order, before the first append().

  virtual HistoryStart open();
  /// The newest checkpoint that can be read, of those with a revision below that one.
  virtual std::optional<Checkpoint> checkpoint(std::uint64_t below_revision);
  /// The watermarks that the checkpoint may not have; null: all.
  virtual std::vector<StoredWatermark> watermarks(const Checkpoint* from);
  /// Notes that everything of that instance up to `seq` is stored.
  virtual void stored_before(std::string_view instance_id, std::uint64_t seq);
  /// Reads the rows that the checkpoint does not have (null: all), in pieces, while other calls go
  /// on.
  virtual void restore(const Checkpoint* from, RestoreSink into);

  // While it runs.

  /// `on_committed` runs on the owner's thread once the batch is safe on disk, in the order of
  /// append(); never, when the batch cannot be kept.
  virtual AppendResult append(LogBatch batch, std::function<void()> on_committed) = 0;
  /// Keeps it once all that was appended before is committed; drops it when some was refused.
  virtual void keep(Checkpoint checkpoint);
  /// Reserves positions on disk, and calls `done` on the owner's thread once they are.
  virtual void reserve(PositionBlock block, std::function<void()> done);
  /// Whether revisions last over a restart, so that read() has what the ring has forgotten.
  virtual bool is_kept() const;
  /// Reads a page of the committed rows after `revision` and up to `last`, oldest first.
  virtual void read(std::uint64_t revision, std::uint64_t last,
                    std::function<void(HistoryPage)> on_page);
  /// Accepts batches of this instance again: its proxy sends everything after the last commit.
  virtual void resume(const std::string& instance_id) = 0;
  /// Writes what is queued, if possible, and accepts nothing more. Any thread.
  virtual void close() = 0;
  /// Why history is not being kept, one sentence each; empty while it is kept.
  virtual std::vector<std::string> degraded() const = 0;
};

}  // namespace vdm::metrics
