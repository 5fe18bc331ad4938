#include "metrics-service/store/history_file.h"

#include <algorithm>

#include "metrics-service/store/history_row.h"

namespace vdm::metrics {
namespace {

// A secret's hash as a column: null for one that is not known, empty for a process without one.
std::string secret_text(const InstanceSecret& secret) {
  return secret.kind == InstanceSecret::Kind::Hash ? hex_prefix(secret.hash, 64) : std::string();
}

InstanceSecret read_secret(sqlite::Statement& from) {
  const auto text = from.read_optional_text();
  if (!text) return {};
  if (text->empty()) return {.kind = InstanceSecret::Kind::None};
  const auto hash = sha256_of_hex(*text);
  if (!hash) return {};
  return {.kind = InstanceSecret::Kind::Hash, .hash = *hash};
}

/// Returns `last` when the text is the same: names repeat from row to row, and neighbours share one
/// copy.
std::shared_ptr<const std::string> shared(std::shared_ptr<const std::string>& last,
                                          std::string text) {
  if (!last || *last != text) last = std::make_shared<const std::string>(std::move(text));
  return last;
}

sqlite::Result<void> give_rows(sqlite::Statement& rows, const HistoryReadings& into) {
  const HistoryColumns columns = history_columns();
  const auto checked = static_cast<int>(columns.count() - columns.check.size());
  std::shared_ptr<const std::string> instance;
  std::shared_ptr<const std::string> proxy;
  for (;;) {
    const auto more = rows.step();
    if (!more) return more.error();
    if (*more == sqlite::Statement::Step::Done) return {};
    LiveEvent event;
    const std::int64_t check = rows.check_of(1, checked);
    event.revision = rows.read_as<std::uint64_t>();
    const std::string kind = rows.read_text();
    event.instance_id = shared(instance, rows.read_text());
    event.seq = rows.read_as<std::uint64_t>();
    event.proxy = shared(proxy, rows.read_text());
    event.applied = WallTime(Micros(rows.read_number()));
    FactsPtr facts = read_facts(rows);
    Ended ended = read_ended(rows, facts);
    const bool reconciled = rows.read_number() != 0;
    const Gap gap{.from_seq = rows.read_as<std::uint64_t>(),
                  .to_seq = rows.read_as<std::uint64_t>(),
                  .ended_count = rows.read_as<std::uint64_t>()};
    if (rows.read_optional().value_or(check) != check) {
      if (into.damaged) into.damaged(static_cast<std::int64_t>(event.revision));
      continue;
    }
    if (kind == "gap") {
      event.kind = gap;
    } else if (kind == "lost") {
      event.kind = Lost{facts, reconciled};
      event.facts = std::move(facts);
    } else {
      event.kind = std::move(ended);
      event.facts = std::move(facts);
    }
    if (!into.row(std::make_shared<const LiveEvent>(std::move(event)))) return {};
  }
}

sqlite::Result<void> give_watermarks(sqlite::Statement& marks, const HistoryReadings& into) {
  for (;;) {
    const auto more = marks.step();
    if (!more) return more.error();
    if (*more == sqlite::Statement::Step::Done) return {};
    StoredWatermark mark;
    mark.instance_id = marks.read_text();
    mark.proxy = marks.read_text();
    mark.seq = marks.read_as<std::uint64_t>();
    mark.secret = read_secret(marks);
    into.watermark(mark);
  }
}

sqlite::Result<sqlite::Database> open_to_read(const std::string& path, HistoryFile::Writer writer) {
  return writer == HistoryFile::Writer::None ? sqlite::Database::open_unaltered(path)
                                             : sqlite::Database::open_shared(path);
}

}  // namespace

sqlite::Result<HistoryFile> HistoryFile::open(const std::string& path) {
  auto database = sqlite::Database::open(path);
  if (!database) return database.error();
  const auto found = history_extent(*database);
  if (!found) return found.error();
  if (found->format > HistoryFormat) return sqlite::Error{.message = "of a newer release"};
  if (const auto made = make_history_tables(*database); !made) return made.error();

  const auto extent = history_extent(*database);
  if (!extent) return extent.error();

  const HistoryColumns columns = history_columns();
  std::string sql = "INSERT INTO events (id, " + columns.names() + ") VALUES (?";
  for (std::size_t i = 0; i < columns.count(); ++i) sql += ",?";
  sql += ") ON CONFLICT (instance_id, seq) WHERE seq > 0 DO NOTHING";
  auto insert = sqlite::Statement::prepare(*database, sql);
  if (!insert) return insert.error();
  auto watermark = sqlite::Statement::prepare(
      *database,
      "INSERT INTO watermarks (instance_id, proxy, seq, updated_us, secret_hash) "
      "VALUES (?,?,?,?,?) ON CONFLICT (instance_id) DO UPDATE SET "
      "seq = max(seq, excluded.seq), proxy = excluded.proxy, updated_us = excluded.updated_us, "
      "secret_hash = coalesce(excluded.secret_hash, secret_hash)");
  if (!watermark) return watermark.error();
  auto progress = sqlite::Statement::prepare(
      *database,
      "INSERT INTO progress (name, value) VALUES ('told', ?), ('rows', ?) ON CONFLICT (name) "
      "DO UPDATE SET value = iif(name = 'rows', value + excluded.value, "
      "max(value, excluded.value))");
  if (!progress) return progress.error();
  return HistoryFile(std::move(*database), std::move(*insert), std::move(*watermark),
                     std::move(*progress), extent->last_id);
}

sqlite::Result<void> HistoryFile::append(const std::vector<const LogBatch*>& batches,
                                         WallTime now) {
  if (const auto begun = database_.run("BEGIN IMMEDIATE"); !begun) return begun;
  const std::int64_t last_before = last_id_;
  inserted_ = 0;
  auto written = write_all(batches, now);
  if (written) written = database_.run("COMMIT");
  if (written) return written;
  last_id_ = last_before;
  for (sqlite::Statement* statement : {&insert_, &watermark_, &progress_}) statement->reset();
  (void)database_.run("ROLLBACK");  // SQLite may have done so itself
  return written;
}

sqlite::Result<void> HistoryFile::write_all(const std::vector<const LogBatch*>& batches,
                                            WallTime now) {
  std::uint64_t told = 0;
  for (const LogBatch* batch : batches) {
    if (const auto written = write(*batch, now); !written) return written;
    told = std::max(told, batch->told);
  }
  if (told == 0 && inserted_ == 0) return {};
  progress_.reset();
  const auto stepped = progress_.number(told).number(inserted_).step();
  progress_.reset();
  if (!stepped) return stepped.error();
  return {};
}

sqlite::Result<void> HistoryFile::write(const LogBatch& batch, WallTime now) {
  for (const LiveEventPtr& row : batch.rows) {
    if (const auto inserted = insert(*row); !inserted) return inserted;
  }
  const bool knows_secret = batch.secret.kind != InstanceSecret::Kind::Unknown;
  if (batch.watermark == 0 && !knows_secret) return {};
  watermark_.reset();
  watermark_.text(batch.instance_id).text(batch.proxy).number(batch.watermark).number(micros(now));
  const std::string secret = secret_text(batch.secret);
  knows_secret ? watermark_.text(secret) : watermark_.nothing();
  const auto stepped = watermark_.step();
  if (!stepped) return stepped.error();
  return {};
}

sqlite::Result<void> HistoryFile::insert(const LiveEvent& event) {
  const auto* ended = std::get_if<Ended>(&event.kind);
  const auto* lost = std::get_if<Lost>(&event.kind);
  const auto* gap = std::get_if<Gap>(&event.kind);
  if (!ended && !lost && !gap) return {};

  insert_.reset();
  // Ids rise whatever the revisions do: another log may have been in this file before.
  last_id_ = std::max(last_id_ + 1, static_cast<std::int64_t>(event.revision));
  insert_.number(last_id_);
  insert_.begin_check();
  insert_.text(ended  ? "ended"
               : lost ? "lost"
                      : "gap")
      .text(*event.instance_id)
      .number(event.seq)
      .text(*event.proxy)
      .number(micros(event.applied));
  const HistoryColumns columns = history_columns();
  event.facts ? bind_facts(insert_, *event.facts) : bind_nothing(insert_, columns.facts);
  const std::string attempts = ended ? attempts_text(ended->attempts) : std::string();
  ended ? bind_ended(insert_, *ended, attempts) : bind_nothing(insert_, columns.ended);
  insert_.number(lost ? std::optional<std::int64_t>(lost->reconciled) : std::nullopt);
  if (gap) {
    insert_.number(gap->from_seq).number(gap->to_seq).number(gap->ended_count);
  } else {
    bind_nothing(insert_, columns.gap);
  }
  const auto stepped = insert_.check().step();
  if (!stepped) return stepped.error();
  inserted_ += database_.changes();
  return {};
}

sqlite::Result<void> HistoryFile::whole(const std::string& path) {
  auto database = sqlite::Database::open_shared(path);
  if (!database) return database.error();
  auto check = sqlite::Statement::prepare(*database, "PRAGMA quick_check(1)");
  if (!check) return check.error();
  const auto more = check->step();
  if (!more) return more.error();
  const std::string found = check->read_text();
  if (found != "ok") return sqlite::Error::damage(found);
  return {};
}

sqlite::Result<HistoryExtent> HistoryFile::extent(const std::string& path, Writer writer) {
  auto database = open_to_read(path, writer);
  if (!database) return database.error();
  return history_extent(*database);
}

sqlite::Result<void> HistoryFile::read_rows(const std::string& path, Writer writer,
                                            std::int64_t after, std::int64_t last,
                                            const HistoryReadings& into) {
  auto database = open_to_read(path, writer);
  if (!database) return database.error();
  const auto queries = history_queries(*database);
  if (!queries) return queries.error();
  if (queries->events.empty()) return {};
  auto rows = sqlite::Statement::prepare(*database, queries->events);
  if (!rows) return rows.error();
  rows->number(after).number(last);
  return give_rows(*rows, into);
}

sqlite::Result<void> HistoryFile::read_watermarks(const std::string& path, Writer writer,
                                                  const HistoryReadings& into) {
  auto database = open_to_read(path, writer);
  if (!database) return database.error();
  const auto queries = history_queries(*database);
  if (!queries) return queries.error();
  if (queries->watermarks.empty()) return {};
  auto marks = sqlite::Statement::prepare(*database, queries->watermarks);
  return marks ? give_watermarks(*marks, into) : sqlite::Result<void>(marks.error());
}

}  // namespace vdm::metrics
