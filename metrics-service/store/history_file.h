#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "metrics-service/store/history_schema.h"
#include "metrics-service/store/history_store.h"
#include "metrics-service/store/sqlite.h"

namespace vdm::metrics {

/// Gets what a file has. Rows come by id.
struct HistoryReadings {
  /// False: no more rows.
  std::function<bool(LiveEventPtr)> row;
  std::function<void(const StoredWatermark&)> watermark;
  /// A row that does not match its hash, and is not given; may be empty.
  std::function<void(std::int64_t id)> damaged = {};
};

/// One day of history in one SQLite file that people can query: a row per ended or lost request and
/// per gap, in order of arrival, and each instance's watermark. The id of a row is the revision at
/// which the tracker took it; rows of earlier releases are numbered from 1. Thread: one at a time.
class HistoryFile {
 public:
  /// Opens the file for writing. Creates it when it is missing; adds the newer columns to a file of
  /// an earlier release.
  static sqlite::Result<HistoryFile> open(const std::string& path);

  /// Stores all batches or none; they are safe on disk when it returns.
  sqlite::Result<void> append(const std::vector<const LogBatch*>& batches, WallTime now);
  std::int64_t last_id() const { return last_id_; }

  // These read a file of any release and write nothing; a column that the file lacks is null. A
  // file that somebody may be writing to is read with locks.

  enum class Writer { None, MayBe };
  /// An error when SQLite does not find the file's structure whole. Reads all of it.
  static sqlite::Result<void> whole(const std::string& path);
  static sqlite::Result<HistoryExtent> extent(const std::string& path, Writer writer);
  /// The rows with `after` < id <= `last`.
  static sqlite::Result<void> read_rows(const std::string& path, Writer writer, std::int64_t after,
                                        std::int64_t last, const HistoryReadings& into);
  static sqlite::Result<void> read_watermarks(const std::string& path, Writer writer,
                                              const HistoryReadings& into);

 private:
  HistoryFile(sqlite::Database database, sqlite::Statement insert, sqlite::Statement watermark,
              sqlite::Statement progress, std::int64_t last_id)
      : database_(std::move(database)),
        insert_(std::move(insert)),
        watermark_(std::move(watermark)),
        progress_(std::move(progress)),
        last_id_(last_id) {}
  sqlite::Result<void> write_all(const std::vector<const LogBatch*>& batches, WallTime now);
  sqlite::Result<void> write(const LogBatch& batch, WallTime now);
  sqlite::Result<void> insert(const LiveEvent& event);

  sqlite::Database database_;  ///< before the statements, which must be destroyed first
  sqlite::Statement insert_;
  sqlite::Statement watermark_;
  sqlite::Statement progress_;
  std::int64_t last_id_;
  std::int64_t inserted_ = 0;  ///< in this transaction
};

}  // namespace vdm::metrics
