#include "metrics-service/store/history_schema.h"

#include <set>
#include <string_view>

namespace vdm::metrics {
namespace {

constexpr HistoryColumn Row[] = {
    {"kind", "TEXT NOT NULL"},  {"instance_id", "TEXT NOT NULL"},   {"seq", "INTEGER NOT NULL"},
    {"proxy", "TEXT NOT NULL"}, {"applied_us", "INTEGER NOT NULL"},
};
constexpr HistoryColumn Facts[] = {
    {"request_id", "TEXT"},        {"started_us", "INTEGER"},
    {"client_dialect", "INTEGER"}, {"upstream_dialect", "INTEGER"},
    {"requested_model", "TEXT"},   {"resolved_model", "TEXT"},
    {"provider", "TEXT"},          {"streaming", "INTEGER"},
    {"message_count", "INTEGER"},  {"request_bytes", "INTEGER"},
    {"tool_use_count", "INTEGER"}, {"tool_result_count", "INTEGER"},
    {"client_label", "TEXT"},      {"user_agent", "TEXT"},
    {"session_id", "TEXT"},        {"agent_id", "TEXT"},
    {"trace_id", "TEXT"},          {"attempt_group", "TEXT"},
    {"request_kind", "TEXT"},      {"credential", "INTEGER"},
};
constexpr HistoryColumn End[] = {
    {"outcome", "INTEGER"},
    {"http_status", "INTEGER"},
    {"error_type", "TEXT"},
    {"error_message", "TEXT"},
    {"duration_us", "INTEGER"},
    {"ttft_us", "INTEGER"},
    {"input_tokens", "INTEGER"},
    {"output_tokens", "INTEGER"},
    {"cache_read_tokens", "INTEGER"},
    {"cache_creation_tokens", "INTEGER"},
    {"reasoning_tokens", "INTEGER"},
    {"estimated", "INTEGER"},
    {"tool_call_count", "INTEGER"},
    {"finish_reason", "TEXT"},
    {"response_bytes", "INTEGER"},
    {"overhead_us", "INTEGER"},
    {"attempts", "TEXT"},
    {"answered_model", "TEXT"},
    {"model_mismatch", "INTEGER"},
};
constexpr HistoryColumn Loss[] = {{"reconciled", "INTEGER"}};
constexpr HistoryColumn Missing[] = {
    {"gap_from", "INTEGER"},
    {"gap_to", "INTEGER"},
    {"gap_ended", "INTEGER"},
};
constexpr HistoryColumn Check[] = {{"row_check", "INTEGER"}};
constexpr std::string_view Watermarks[] = {"instance_id", "proxy", "seq", "secret_hash"};

constexpr const char* MakeWatermarks =
    "CREATE TABLE IF NOT EXISTS watermarks (instance_id TEXT PRIMARY KEY, proxy TEXT NOT NULL, "
    "seq INTEGER NOT NULL, updated_us INTEGER NOT NULL, secret_hash TEXT) WITHOUT ROWID";
/// The columns that the first release's table did not have.
constexpr HistoryColumn NewWatermarks[] = {{"secret_hash", "TEXT"}};
/// What the last commit said: 'told', how many events the log had told; 'rows', how many rows the
/// file has.
constexpr const char* MakeProgress =
    "CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, value INTEGER NOT NULL) "
    "WITHOUT ROWID;"
    "INSERT OR IGNORE INTO progress (name, value) SELECT 'rows', count(*) FROM events";

template <class Use>
void for_each(const HistoryColumns& columns, Use&& use) {
  for (const auto part :
       {columns.row, columns.facts, columns.ended, columns.lost, columns.gap, columns.check}) {
    for (const HistoryColumn& column : part) use(column);
  }
}

std::string make_events() {
  std::string sql = "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY";
  for_each(history_columns(), [&](const HistoryColumn& column) {
    sql += std::string(", ") + column.name + " " + column.type;
  });
  return sql + ")";
}

using Names = std::set<std::string, std::less<>>;

/// The columns' names; empty when there is no such table.
sqlite::Result<Names> columns_of(sqlite::Database& database, std::string_view table) {
  auto query = sqlite::Statement::prepare(database, "SELECT name FROM pragma_table_info(?)");
  if (!query) return query.error();
  query->text(table);
  Names names;
  for (;;) {
    const auto more = query->step();
    if (!more) return more.error();
    if (*more == sqlite::Statement::Step::Done) return names;
    names.insert(query->read_text());
  }
}

/// Statements that add a column to a table, unless it has it.
class AddedColumns {
 public:
  AddedColumns(std::string_view table, const Names& present) : table_(table), present_(present) {}
  void operator()(const HistoryColumn& column) {
    if (present_.contains(column.name)) return;
    sql_ += "ALTER TABLE " + table_ + " ADD COLUMN " + column.name + " " + column.type + ";";
  }
  const std::string& sql() const { return sql_; }

 private:
  std::string table_;
  const Names& present_;
  std::string sql_;
};

sqlite::Result<void> add_new_columns(sqlite::Database& database) {
  const auto events = columns_of(database, "events");
  if (!events) return events.error();
  AddedColumns of_events("events", *events);
  for_each(history_columns(), of_events);
  if (const auto added = database.run(of_events.sql().c_str()); !added) return added;

  const auto watermarks = columns_of(database, "watermarks");
  if (!watermarks) return watermarks.error();
  AddedColumns of_watermarks("watermarks", *watermarks);
  for (const HistoryColumn& column : NewWatermarks) of_watermarks(column);
  return database.run(of_watermarks.sql().c_str());
}

void add_to(std::string& selection, const Names& present, std::string_view column) {
  if (!selection.empty()) selection += ", ";
  selection += present.contains(column) ? column : "NULL";
}

}  // namespace

HistoryColumns history_columns() {
  return {.row = Row, .facts = Facts, .ended = End, .lost = Loss, .gap = Missing, .check = Check};
}

std::size_t HistoryColumns::count() const {
  return row.size() + facts.size() + ended.size() + lost.size() + gap.size() + check.size();
}

std::string HistoryColumns::names() const {
  std::string all;
  for_each(*this, [&](const HistoryColumn& column) {
    if (!all.empty()) all += ", ";
    all += column.name;
  });
  return all;
}

sqlite::Result<void> make_history_tables(sqlite::Database& database) {
  if (const auto set = database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"); !set) {
    return set;
  }
  if (const auto made = database.run(make_events().c_str()); !made) return made;
  if (const auto made = database.run(MakeWatermarks); !made) return made;
  if (const auto made = database.run(MakeProgress); !made) return made;
  if (const auto added = add_new_columns(database); !added) return added;
  const std::string format = "PRAGMA user_version = " + std::to_string(HistoryFormat);
  if (const auto set = database.run(format.c_str()); !set) return set;
  return database.run(
      "CREATE UNIQUE INDEX IF NOT EXISTS events_by_seq ON events (instance_id, seq) "
      "WHERE seq > 0");
}

sqlite::Result<HistoryExtent> history_extent(sqlite::Database& database) {
  HistoryExtent extent;
  const auto read = [&](const char* sql, std::int64_t& into) -> sqlite::Result<void> {
    auto query = sqlite::Statement::prepare(database, sql);
    if (!query) return query.error();
    const auto more = query->step();
    if (!more) return more.error();
    if (*more == sqlite::Statement::Step::Row) into = query->read_number();
    return {};
  };
  if (const auto got = read("PRAGMA user_version", extent.format); !got) return got.error();
  if (extent.format > HistoryFormat) return extent;
  const auto events = columns_of(database, "events");
  if (!events) return events.error();
  if (!events->empty()) {
    const auto got = read("SELECT max(id) FROM events", extent.last_id);
    if (!got) return got.error();
  }
  const auto progress = columns_of(database, "progress");
  if (!progress) return progress.error();
  if (progress->empty()) return extent;
  std::int64_t told = 0;
  std::int64_t rows = -1;
  const auto got = read("SELECT value FROM progress WHERE name = 'told'", told);
  if (!got) return got.error();
  if (const auto had = read("SELECT value FROM progress WHERE name = 'rows'", rows); !had) {
    return had.error();
  }
  extent.told = static_cast<std::uint64_t>(told);
  if (rows >= 0) extent.rows = rows;
  return extent;
}

sqlite::Result<HistoryQueries> history_queries(sqlite::Database& database) {
  HistoryQueries queries;
  const auto extent = history_extent(database);
  if (!extent) return extent.error();
  if (extent->format > HistoryFormat) return queries;
  auto events = columns_of(database, "events");
  if (!events) return events.error();
  std::string selection;
  // A row's hash is over all columns: without one of them it says nothing.
  for_each(history_columns(), [&](const HistoryColumn& column) {
    if (!events->contains(column.name)) events->erase("row_check");
  });
  for_each(history_columns(),
           [&](const HistoryColumn& column) { add_to(selection, *events, column.name); });
  if (!events->empty()) {
    queries.events =
        "SELECT id, " + selection + " FROM events WHERE id > ? AND id <= ? ORDER BY id";
  }

  const auto watermarks = columns_of(database, "watermarks");
  if (!watermarks) return watermarks.error();
  selection.clear();
  for (const std::string_view column : Watermarks) add_to(selection, *watermarks, column);
  if (!watermarks->empty()) queries.watermarks = "SELECT " + selection + " FROM watermarks";
  return queries;
}

}  // namespace vdm::metrics
