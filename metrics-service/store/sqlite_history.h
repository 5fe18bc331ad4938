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
#include "metrics-service/store/file_mark.h"
#include "metrics-service/store/history_days.h"
#include "metrics-service/store/history_file.h"
#include "metrics-service/store/history_reader.h"
#include "metrics-service/store/history_store.h"
#include "metrics-service/store/position_file.h"
#include "metrics-service/store/retention.h"

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
/// another reads. Of a damaged file it saves what is whole into a new one, keeps the damaged one
/// under another name, and says so for as long as that is there. While the disk fails, batches stay
/// queued and are not reported as committed. Thread: owner only; the other threads are internal.
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

  HistoryReader::Options reader_options();
  void reserve_first(HistoryStart& start, std::uint64_t last_position);
  /// What the places do not count.
  Result<std::vector<HistoryReader::Part>> parts_after(
      const std::vector<Checkpoint::Place>& places) const;

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
  /// The first file of the day that is of no newer release.
  std::filesystem::path path_to_write(const std::string& day) const;
  std::optional<sqlite::Error> open_file(const std::string& day);
  /// Whether somebody else has changed the file, and damaged it.
  std::optional<sqlite::Error> look_at_file();

  // On the thread of whoever met the damage.
  bool repair(const std::filesystem::path& path, const std::string& why);
  void repair_for_reader(const std::filesystem::path& path, const std::string& why);
  void repair_wanted();
  void say_set_aside(const std::filesystem::path& aside, const std::string& more);
  bool is_written(const std::filesystem::path& path) const {
    return HistoryDays::day_in(path) >= today();
  }
  void say_failing(const std::string& why);

  void say_waiting(const std::string& why);
  void wake_writer();
  /// The caller holds the lock, here and below.
  bool is_errand_due() const { return repair_wanted_.has_value() || is_reservation_due(); }
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
  std::filesystem::path file_path_;
  FileMark mark_;
  Retention retention_;
  MonotonicTime check_at_{};  ///< when all files are read next
  /// Rows up to this sequence number are in some day's file.
  std::map<std::string, std::uint64_t, std::less<>> committed_;

  // All threads.
  std::mutex repairing_;  ///< one file at a time
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable repaired_;
  /// The last row of each file, by its name.
  std::map<std::string, std::int64_t> last_ids_;
  std::set<std::string> newer_;  ///< files of newer releases
  /// A file that the writer is to mend for the reader, and why.
  std::optional<std::pair<std::filesystem::path, std::string>> repair_wanted_;
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
