#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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
  /// The hash of all values before it; null in rows of earlier releases.
  std::span<const HistoryColumn> check;

  std::size_t count() const;
  /// All names in the order above, separated by commas.
  std::string names() const;
};
HistoryColumns history_columns();

/// Creates the tables, and adds the newer columns to tables of an earlier release. Use it only for
/// the current day: a file of an earlier day is never altered.
sqlite::Result<void> make_history_tables(sqlite::Database& database);

/// The format that this release writes, in SQLite's user_version. Earlier ones have 0. A file with
/// a higher one is never altered, and not read either.
inline constexpr std::int64_t HistoryFormat = 2;

/// SELECT statements that return every column, and null for columns that the file lacks.
struct HistoryQueries {
  /// id and all columns of the rows with an id between two parameters, by id; empty: the file has
  /// no such table.
  std::string events;
  /// instance_id, proxy, seq, secret_hash; empty: the file has no such table.
  std::string watermarks;
};
/// What a file's rows go up to, and its format.
struct HistoryExtent {
  std::int64_t format = 0;
  std::int64_t last_id = 0;  ///< 0: it has no rows
  std::uint64_t told = 0;    ///< as its last commit said; 0: not known
  /// How many rows it should have; nothing: it does not say.
  std::optional<std::int64_t> rows;
};
sqlite::Result<HistoryExtent> history_extent(sqlite::Database& database);
sqlite::Result<HistoryQueries> history_queries(sqlite::Database& database);

}  // namespace vdm::metrics
