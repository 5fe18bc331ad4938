#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "metrics-service/store/sqlite.h"

namespace vdm::metrics {

/// The tables of a day's file, by name. Names and meanings never change: a new column is added at
/// the end of a list, with a type that allows null, and no column is removed. So every release can
/// read the files of earlier ones. Thread: one at a time.

struct HistoryColumn {
  const char* name;
  const char* type;
};

/// The columns of a request's facts, of its outcome, and of a gap, each as one run between those
/// that every row has.
struct HistoryColumns {
  std::span<const HistoryColumn> row;
  std::span<const HistoryColumn> facts;
  std::span<const HistoryColumn> ended;
  std::span<const HistoryColumn> lost;
  std::span<const HistoryColumn> gap;

  std::size_t count() const;
  /// All names in the order above, separated by commas.
  std::string names() const;
};
HistoryColumns history_columns();

/// Creates the tables, and adds the newer columns to tables of an earlier release. Use it only for
/// the current day: a file of an earlier day is never altered.
sqlite::Result<void> make_history_tables(sqlite::Database& database);

/// SELECT statements that return every column, and null for columns that the file lacks.
struct HistoryQueries {
  std::string events;  ///< empty: the file has no such table
  /// instance_id, proxy, seq, secret_hash; empty: the file has no such table.
  std::string watermarks;
};
sqlite::Result<HistoryQueries> history_queries(sqlite::Database& database);

}  // namespace vdm::metrics
