#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "metrics-service/store/sqlite.h"

namespace vdm::metrics {

/// The tables of a day's file, by name. Names and meanings are for ever: a column is added at the
/// end of a list, with a type that allows null, and never goes. So every release reads the days of
/// those before it. Thread: one at a time.

struct HistoryColumn {
  const char* name;
  const char* type;
};

/// The facts of a request, how it ended, and the words of a gap, each as one run of columns
/// between those that every row has.
struct HistoryColumns {
  std::span<const HistoryColumn> row;
  std::span<const HistoryColumn> facts;
  std::span<const HistoryColumn> ended;
  std::span<const HistoryColumn> lost;
  std::span<const HistoryColumn> gap;

  std::size_t count() const;
  /// The names, separated by commas, in the order above.
  std::string names() const;
};
HistoryColumns history_columns();

/// Makes the tables, and adds to those of an earlier release the columns that came since. Only for
/// the day that is being written to: one that is over is never altered.
sqlite::Result<void> make_history_tables(sqlite::Database& database);

/// SELECTs that give every column, null for what the file does not have.
struct HistoryQueries {
  std::string events;      ///< empty: the file has no such table
  std::string watermarks;  ///< instance_id, proxy, seq; empty: the file has no such table
};
sqlite::Result<HistoryQueries> history_queries(sqlite::Database& database);

}  // namespace vdm::metrics
