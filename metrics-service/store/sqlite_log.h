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
#include <vector>

#include "common/base/clock.h"
#include "metrics-service/store/event_log.h"
#include "metrics-service/store/history_file.h"

namespace vdm::metrics {

struct SqliteLogOptions {
  std::filesystem::path directory;
  int retention_days = 30;
  std::size_t rows_queued_max = 100'000;  ///< beyond it append() refuses batches
  std::size_t group_rows = 1'000;
  std::chrono::milliseconds group_wait{50};
  std::chrono::milliseconds retry_after{1'000};
};

/// Keeps history in one SQLite file per UTC day, which a thread of its own writes in groups. It
/// renames a damaged file, logs an error and never deletes the file. While the disk fails, batches
/// stay queued and are not reported as committed. Thread: owner only; the writer thread is
/// internal.
class SqliteLog final : public EventLog {
 public:
  SqliteLog(SqliteLogOptions options, const Clock& clock, PostToOwner post);
  ~SqliteLog() override;

  void replay(const Replay& into) override;
  AppendResult append(LogBatch batch, std::function<void()> on_committed) override;
  void resume(const std::string& instance_id) override;
  void close() override;
  std::vector<std::string> degraded() const override;

 private:
  struct Item {
    LogBatch batch;
    std::function<void()> on_committed;
  };

  // On the writer's thread.
  void write_until_closed();
  /// Returns false when the group must be tried again later.
  bool write(const std::vector<Item>& group);
  std::optional<sqlite::Error> write_once(const std::vector<const LogBatch*>& batches);
  void forget_old_days(const std::string& today);
  void set_aside(const std::filesystem::path& path, const std::string& why);
  void say_failing(const std::string& why);

  std::vector<std::filesystem::path> days() const;
  std::filesystem::path path_of(const std::string& day) const;
  std::string today() const;

  const SqliteLogOptions options_;
  const Clock& clock_;
  const PostToOwner post_;

  // Only the owner's thread.
  std::set<std::string> behind_;  ///< instances of which a batch was refused

  // The writer's thread, and the owner's before the writer starts.
  std::optional<HistoryFile> file_;
  std::string file_day_;
  /// Rows up to this sequence number are in some day's file.
  std::map<std::string, std::uint64_t> committed_;

  // Both threads.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  std::size_t rows_queued_ = 0;
  bool closing_ = false;
  std::string failing_;
  std::vector<std::string> set_aside_;

  std::thread writer_;
};

}  // namespace vdm::metrics
