#pragma once

#include <string>
#include <vector>

#include "metrics-service/store/event_log.h"
#include "metrics-service/store/sqlite.h"

namespace vdm::metrics {

/// One day of history in one SQLite file that people can query: a row per ended or lost request and
/// per gap, in order of arrival, and each instance's watermark. Thread: one at a time.
class HistoryFile {
 public:
  /// Opens the file for writing. Creates it when it is missing; adds the newer columns to a file of
  /// an earlier release.
  static sqlite::Result<HistoryFile> open(const std::string& path);

  /// Stores all batches or none; they are safe on disk when it returns.
  sqlite::Result<void> append(const std::vector<const LogBatch*>& batches, WallTime now);
  /// Reads a file of any release; a column that the file lacks is read as null. Writes nothing.
  static sqlite::Result<void> replay(const std::string& path, const Replay& into);

 private:
  HistoryFile(sqlite::Database database, sqlite::Statement insert, sqlite::Statement watermark)
      : database_(std::move(database)),
        insert_(std::move(insert)),
        watermark_(std::move(watermark)) {}
  sqlite::Result<void> write(const LogBatch& batch, WallTime now);
  sqlite::Result<void> insert(const LiveEvent& event);

  sqlite::Database database_;  ///< before the statements, which must be destroyed first
  sqlite::Statement insert_;
  sqlite::Statement watermark_;
};

}  // namespace vdm::metrics
