#pragma once

#include <string>
#include <vector>

#include "metrics-service/store/event_log.h"
#include "metrics-service/store/sqlite.h"

namespace vdm::metrics {

/// One day of history in one SQLite file, readable by people: a row per ended or lost request and
/// per gap, in the order they came, and how far each instance has come. Thread: one at a time.
class HistoryFile {
 public:
  /// To write to. Makes the file when it is not there, and adds to one of an earlier release what
  /// came since.
  static sqlite::Result<HistoryFile> open(const std::string& path);

  /// All of them or none, safe on disk when it returns.
  sqlite::Result<void> append(const std::vector<const LogBatch*>& batches, WallTime now);
  /// The day as it is, of whatever release: what it does not have is null. Nothing is written.
  static sqlite::Result<void> replay(const std::string& path, const Replay& into);

 private:
  HistoryFile(sqlite::Database database, sqlite::Statement insert, sqlite::Statement watermark)
      : database_(std::move(database)),
        insert_(std::move(insert)),
        watermark_(std::move(watermark)) {}
  sqlite::Result<void> write(const LogBatch& batch, WallTime now);
  sqlite::Result<void> insert(const LiveEvent& event);

  sqlite::Database database_;  ///< before the statements, which die first
  sqlite::Statement insert_;
  sqlite::Statement watermark_;
};

}  // namespace vdm::metrics
