#include "metrics-service/store/history_file.h"

#include <algorithm>
#include <span>

#include <boost/json.hpp>

namespace vdm::metrics {
namespace {

namespace json = boost::json;

std::int64_t micros(WallTime time) { return time.time_since_epoch().count(); }

std::string attempts_text(const std::vector<Attempt>& attempts) {
  json::array all;
  for (const Attempt& attempt : attempts) {
    all.push_back(json::object{{"provider", attempt.provider},
                               {"model", attempt.resolved_model},
                               {"status", attempt.http_status},
                               {"error_type", attempt.error_type},
                               {"started_us", attempt.started_after.count()},
                               {"connected_us", attempt.connected_after.count()},
                               {"first_byte_us", attempt.first_byte_after.count()},
                               {"ended_us", attempt.ended_after.count()},
                               {"reused", attempt.connection_reused}});
  }
  return json::serialize(all);
}

std::vector<Attempt> attempts_of(const std::string& text) {
  boost::system::error_code fault;
  const json::value parsed = json::parse(text, fault);
  std::vector<Attempt> attempts;
  if (fault || !parsed.is_array()) return attempts;
  for (const json::value& item : parsed.get_array()) {
    if (!item.is_object()) continue;
    const json::object& object = item.get_object();
    const auto word = [&](const char* name) {
      const auto* value = object.if_contains(name);
      return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    const auto number = [&](const char* name) {
      const auto* value = object.if_contains(name);
      return value && value->is_int64() ? value->get_int64() : 0;
    };
    const auto* reused = object.if_contains("reused");
    attempts.push_back(
        Attempt{.provider = word("provider"),
                .resolved_model = word("model"),
                .http_status = static_cast<std::uint32_t>(number("status")),
                .error_type = word("error_type"),
                .started_after = Micros(number("started_us")),
                .connected_after = Micros(number("connected_us")),
                .first_byte_after = Micros(number("first_byte_us")),
                .ended_after = Micros(number("ended_us")),
                .connection_reused = reused && reused->is_bool() && reused->get_bool()});
  }
  return attempts;
}

void bind_nothing(sqlite::Statement& to, std::span<const HistoryColumn> columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) to.nothing();
}

void bind_facts(sqlite::Statement& to, const RequestFacts& facts) {
  to.text(facts.request_id)
      .number(micros(facts.started_at))
      .number(static_cast<std::int64_t>(facts.client_dialect))
      .number(static_cast<std::int64_t>(facts.upstream_dialect))
      .text(facts.requested_model)
      .text(facts.resolved_model)
      .text(facts.provider)
      .number(std::int64_t{facts.streaming})
      .number(facts.message_count)
      .number(facts.request_bytes)
      .number(facts.tool_use_count)
      .number(facts.tool_result_count)
      .text(facts.client_label)
      .text(facts.user_agent)
      .text(facts.session_id)
      .text(facts.agent_id)
      .text(facts.trace_id)
      .text(facts.attempt_group)
      .text(kind_of(facts))
      .number(static_cast<std::int64_t>(facts.credential));
}

void bind_ended(sqlite::Statement& to, const Ended& ended, std::string_view attempts) {
  const int estimated =
      (ended.usage.input_estimated ? 1 : 0) | (ended.usage.output_estimated ? 2 : 0);
  std::optional<std::int64_t> ttft;
  if (ended.ttft) ttft = ended.ttft->count();
  to.number(static_cast<std::int64_t>(ended.outcome))
      .number(ended.http_status)
      .text(ended.error_type)
      .text(ended.error_message)
      .number(std::int64_t{ended.duration.count()})
      .number(ttft)
      .number(ended.usage.input_tokens)
      .number(ended.usage.output_tokens)
      .number(ended.usage.cache_read_tokens)
      .number(ended.usage.cache_creation_tokens)
      .number(ended.usage.reasoning_tokens)
      .number(std::int64_t{estimated})
      .number(ended.tool_call_count)
      .text(ended.finish_reason)
      .number(ended.response_bytes)
      .number(std::int64_t{ended.overhead.count()})
      .text(attempts)
      .text(answered_model(ended))
      .number(std::int64_t{ended.model_mismatch});
}

FactsPtr read_facts(sqlite::Statement& from) {
  RequestFacts facts;
  facts.request_id = from.read_text();
  facts.started_at = WallTime(Micros(from.read_number()));
  facts.client_dialect = from.read_as<Dialect>();
  facts.upstream_dialect = from.read_as<Dialect>();
  facts.requested_model = from.read_text();
  facts.resolved_model = from.read_text();
  facts.provider = from.read_text();
  facts.streaming = from.read_number() != 0;
  facts.message_count = from.read_as<std::uint32_t>();
  facts.request_bytes = from.read_as<std::uint64_t>();
  facts.tool_use_count = from.read_as<std::uint32_t>();
  facts.tool_result_count = from.read_as<std::uint32_t>();
  facts.client_label = from.read_text();
  facts.user_agent = from.read_text();
  facts.session_id = from.read_text();
  facts.agent_id = from.read_text();
  facts.trace_id = from.read_text();
  facts.attempt_group = from.read_text();
  set_kind(facts, from.read_text());
  const auto credential = from.read_number();
  if (credential > 0 && credential <= static_cast<std::int64_t>(Credential::None)) {
    facts.credential = static_cast<Credential>(credential);
  }
  return std::make_shared<const RequestFacts>(std::move(facts));
}

Ended read_ended(sqlite::Statement& from, FactsPtr facts) {
  Ended ended;
  ended.facts = std::move(facts);
  const auto outcome = from.read_number();
  const bool known = outcome >= 0 && outcome <= static_cast<std::int64_t>(Outcome::Lost);
  ended.outcome = known ? static_cast<Outcome>(outcome) : Outcome::Unspecified;
  ended.http_status = from.read_as<std::uint32_t>();
  ended.error_type = from.read_text();
  ended.error_message = from.read_text();
  ended.duration = Micros(from.read_number());
  if (const auto ttft = from.read_optional()) ended.ttft = Micros(*ttft);
  ended.usage.input_tokens = from.read_as<std::uint64_t>();
  ended.usage.output_tokens = from.read_as<std::uint64_t>();
  ended.usage.cache_read_tokens = from.read_as<std::uint64_t>();
  ended.usage.cache_creation_tokens = from.read_as<std::uint64_t>();
  ended.usage.reasoning_tokens = from.read_as<std::uint64_t>();
  const auto estimated = from.read_number();
  ended.usage.input_estimated = (estimated & 1) != 0;
  ended.usage.output_estimated = (estimated & 2) != 0;
  ended.tool_call_count = from.read_as<std::uint32_t>();
  ended.finish_reason = from.read_text();
  ended.response_bytes = from.read_as<std::uint64_t>();
  ended.overhead = Micros(from.read_number());
  ended.attempts = attempts_of(from.read_text());
  set_answered_model(ended, from.read_text());
  ended.model_mismatch = from.read_number() != 0;
  return ended;
}

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
  std::shared_ptr<const std::string> instance;
  std::shared_ptr<const std::string> proxy;
  for (;;) {
    const auto more = rows.step();
    if (!more) return more.error();
    if (*more == sqlite::Statement::Step::Done) return {};
    LiveEvent event;
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
      "INSERT INTO progress (name, told) VALUES ('log', ?) "
      "ON CONFLICT (name) DO UPDATE SET told = max(told, excluded.told)");
  if (!progress) return progress.error();
  return HistoryFile(std::move(*database), std::move(*insert), std::move(*watermark),
                     std::move(*progress), extent->last_id);
}

sqlite::Result<void> HistoryFile::append(const std::vector<const LogBatch*>& batches,
                                         WallTime now) {
  if (const auto begun = database_.run("BEGIN IMMEDIATE"); !begun) return begun;
  const std::int64_t last_before = last_id_;
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
  if (told == 0) return {};
  progress_.reset();
  const auto stepped = progress_.number(told).step();
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
  const auto stepped = insert_.step();
  if (!stepped) return stepped.error();
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
