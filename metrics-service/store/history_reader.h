#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "metrics-service/store/history_days.h"
#include "metrics-service/store/history_file.h"
#include "metrics-service/store/history_store.h"

namespace vdm::metrics {

/// Reads the files of history on a thread of its own and posts what it found to the owner. It
/// alters nothing. Thread: owner only; its own thread is internal.
class HistoryReader {
 public:
  struct Options {
    std::size_t rows_posted = 500;  ///< at once
    std::size_t posts_max = 4;      ///< that wait for the owner
    std::size_t page_rows = 512;
    std::chrono::milliseconds retry_after{1'000};
    /// Whether somebody may be writing to the file. Called on the reader's thread.
    std::function<bool(const std::filesystem::path&)> is_written = {};
  };

  /// `damaged` is called on the reader's thread for a file whose contents are damaged, and returns
  /// when what is whole of it is in a file of the same name.
  HistoryReader(HistoryDays days, Options options, PostToOwner post,
                std::function<void(const std::filesystem::path&, const std::string&)> damaged);
  ~HistoryReader();

  /// A part of a file: ids above `after`, up to `last`.
  struct Part {
    std::filesystem::path path;
    std::int64_t after = 0;
    std::int64_t last = 0;
  };
  /// Reads the parts one after the other. A file that cannot be read now is tried again until it
  /// can; `waits` gets the reason, on the reader's thread, and an empty one when it could.
  /// `parts` gives them, or says why it cannot.
  void restore(std::function<Result<std::vector<Part>>()> parts, RestoreSink into,
               std::function<void(const std::string& why)> waits);
  /// As HistoryStore::read().
  void read(std::uint64_t revision, std::uint64_t last, std::function<void(HistoryPage)> on_page);
  /// Reads every row of every file, some 20,000 a second at most, and has damage mended.
  void check_all();
  void close();

 private:
  void run(std::function<void()> work);
  /// Does what is urgent. Returns whether the reader was closed; waits that long for it, at most.
  bool ends_within(std::chrono::milliseconds time);
  /// Returns false when the reader was closed.
  bool check(const std::filesystem::path& path);
  void work_until_closed();
  bool read_part(const Part& part, const RestoreSink& into,
                 const std::function<void(const std::string&)>& waits);
  void post_rows(std::vector<LiveEventPtr> rows, const RestoreSink& into);
  HistoryPage page(std::uint64_t revision, std::uint64_t last) const;
  HistoryFile::Writer writer_of(const std::filesystem::path& path) const;

  const HistoryDays days_;
  const Options options_;
  const PostToOwner post_;
  const std::function<void(const std::filesystem::path&, const std::string&)> damaged_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> urgent_;  ///< what somebody waits for
  std::deque<std::function<void()>> jobs_;
  std::size_t posts_ = 0;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace vdm::metrics
