#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "metrics-service/store/checkpoint_files.h"
#include "metrics-service/store/history_days.h"
#include "metrics-service/store/history_file.h"
#include "metrics-service/store/history_reader.h"
#include "metrics-service/store/history_store.h"
#include "metrics-service/store/position_file.h"

namespace vdm::metrics {

struct SqliteHistoryOptions {
  std::filesystem::path directory;
  int retention_days = 30;
  std::size_t rows_queued_max = 100'000;  ///< beyond it append() refuses batches
  std::size_t group_rows = 1'000;
  std::chrono::milliseconds group_wait{50};
  std::chrono::milliseconds retry_after{1'000};
  std::uint64_t positions = 65'536;  ///< reserved at start
};

/// Keeps history in one SQLite file per UTC day, which a thread of its own writes in groups, and
/// another reads. It renames a damaged file, logs an error and never deletes the file. While the
/// disk fails, batches stay queued and are not reported as committed. Thread: owner only; the other
/// threads are internal.
class SqliteHistory final : public HistoryStore {
 public:
  SqliteHistory(SqliteHistoryOptions options, const Clock& clock, PostToOwner post);
  ~SqliteHistory() override;

  HistoryStart open() override;
  std::optional<Checkpoint> checkpoint(std::uint64_t below_revision) override;
  std::vector<StoredWatermark> watermarks(const Checkpoint* from) override;
  void stored_before(std::string_view instance_id, std::uint64_t seq) override;
  void restore(const Checkpoint* from, RestoreSink into) override;
  AppendResult append(LogBatch batch, std::function<void()> on_committed) override;
  void keep(Checkpoint checkpoint) override;
  void reserve(PositionBlock block, std::function<void()> done) override;
  bool is_kept() const override { return true; }
  void read(std::uint64_t revision, std::uint64_t last,
            std::function<void(HistoryPage)> on_page) override;
  void resume(const std::string& instance_id) override;
  void close() override;
  std::vector<std::string> degraded() const override;

 private:
  struct Item {
    LogBatch batch;
    std::function<void()> on_committed;
    std::shared_ptr<Checkpoint> checkpoint;  ///< or a batch
  };
  struct Reservation {
    PositionBlock block;
    std::function<void()> done;
  };

  void reserve_first(HistoryStart& start, std::uint64_t last_position);
  std::vector<HistoryReader::Part> parts_after(const Checkpoint* from) const;

  // On the writer's thread.
  void write_until_closed();
  std::vector<Item> next_group();
  void committed(std::vector<Item>& group);
  /// Returns false when the group must be tried again later.
  bool write(const std::vector<Item>& group);
  std::optional<sqlite::Error> write_once(const std::vector<const LogBatch*>& batches);
  void write_checkpoint(Checkpoint& checkpoint);
  void write_reservation();
  void forget_old_days(const std::string& today);
  void set_aside(const std::filesystem::path& path, const std::string& why);
  void say_failing(const std::string& why);

  void say_waiting(const std::string& why);
  void wake_writer();
  /// The caller holds the lock.
  bool is_reservation_due() const {
    return reservation_ && !closing_ && clock_.monotonic() >= reserve_again_at_;
  }
  std::string today() const;

  const SqliteHistoryOptions options_;
  const Clock& clock_;
  const PostToOwner post_;
  const HistoryDays days_;
  const CheckpointFiles checkpoints_;
  const PositionFile positions_;

  // Only the owner's thread.
  std::set<std::string> behind_;   ///< instances of which a batch was refused
  std::int64_t first_own_id_ = 0;  ///< rows of this process have no lower id

  // The writer's thread, and the owner's before the writer starts.
  std::optional<HistoryFile> file_;
  std::string file_day_;
  /// Rows up to this sequence number are in some day's file.
  std::map<std::string, std::uint64_t, std::less<>> committed_;
  /// The last row of each file, by its name.
  std::map<std::string, std::int64_t> last_ids_;

  // All threads.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  std::size_t rows_queued_ = 0;
  std::size_t waiting_checkpoints_ = 0;
  std::optional<Reservation> reservation_;
  MonotonicTime reserve_again_at_{};
  bool closing_ = false;
  std::string failing_;
  std::string waiting_;  ///< why rows of earlier days cannot be read
  std::vector<std::string> set_aside_;

  std::thread writer_;
  HistoryReader reader_;
};

}  // namespace vdm::metrics
