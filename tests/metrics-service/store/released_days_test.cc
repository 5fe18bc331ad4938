#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "metrics-service/log/local_log.h"
#include "metrics-service/pipeline/pipeline.h"
#include "metrics-service/store/sqlite_history.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/posted_work.h"
#include "tests/fakes/released.h"

namespace vdm::metrics::released_days_test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

using Fields = std::map<std::string, std::string>;

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

std::string attempts_text(const std::vector<Attempt>& attempts) {
  std::string text;
  for (const Attempt& attempt : attempts) {
    text += attempt.provider + "/" + attempt.resolved_model + " " +
            std::to_string(attempt.http_status) + " " + attempt.error_type + " " +
            std::to_string(attempt.started_after.count()) + " " +
            std::to_string(attempt.connected_after.count()) + " " +
            std::to_string(attempt.first_byte_after.count()) + " " +
            std::to_string(attempt.ended_after.count()) + " " +
            (attempt.connection_reused ? "reused; " : "new; ");
  }
  return text;
}

std::string attempts_text(const json::value& attempts) {
  std::string text;
  for (const json::value& each : attempts.as_array()) {
    const auto said = [&](const char* name) { return text_of(each.at(name)); };
    text += said("provider") + "/" + said("model") + " " + said("status") + " " +
            said("error_type") + " " + said("started_us") + " " + said("connected_us") + " " +
            said("first_byte_us") + " " + said("ended_us") + " " +
            (each.at("reused").as_bool() ? "reused; " : "new; ");
  }
  return text;
}

/// A row by the names of the file's columns, without what is empty or 0.
class RowFields {
 public:
  static Fields of(const LiveEvent& event) {
    RowFields row;
    row.read(event);
    return std::move(row.fields_);
  }
  static Fields of(const json::object& recorded) {
    RowFields row;
    for (const auto& [name, value] : recorded) {
      const bool attempts = name == "attempts";
      row.text(std::string(name).c_str(),
               attempts ? attempts_text(json::parse(value.as_string())) : text_of(value));
    }
    return std::move(row.fields_);
  }

 private:
  void text(const char* name, const std::string& value) {
    if (!value.empty()) fields_[name] = value;
  }
  template <class Number>
  void number(const char* name, Number value) {
    if (value != Number()) fields_[name] = std::to_string(value);
  }

  void read(const LiveEvent& event) {
    text("instance_id", *event.instance_id);
    number("seq", event.seq);
    text("proxy", *event.proxy);
    number("applied_us", event.applied.time_since_epoch().count());
    if (event.facts) read(*event.facts);
    if (const auto* ended = std::get_if<Ended>(&event.kind)) {
      text("kind", "ended");
      read(*ended);
    } else if (const auto* lost = std::get_if<Lost>(&event.kind)) {
      text("kind", "lost");
      number("reconciled", int{lost->reconciled});
    } else if (const auto* gap = std::get_if<Gap>(&event.kind)) {
      text("kind", "gap");
      number("gap_from", gap->from_seq);
      number("gap_to", gap->to_seq);
      number("gap_ended", gap->ended_count);
    }
  }
  void read(const RequestFacts& facts) {
    text("request_id", facts.request_id);
    number("started_us", facts.started_at.time_since_epoch().count());
    number("client_dialect", static_cast<int>(facts.client_dialect));
    number("upstream_dialect", static_cast<int>(facts.upstream_dialect));
    text("requested_model", facts.requested_model);
    text("resolved_model", facts.resolved_model);
    text("provider", facts.provider);
    number("streaming", int{facts.streaming});
    number("message_count", facts.message_count);
    number("request_bytes", facts.request_bytes);
    number("tool_use_count", facts.tool_use_count);
    number("tool_result_count", facts.tool_result_count);
    text("client_label", facts.client_label);
    text("user_agent", facts.user_agent);
    text("session_id", facts.session_id);
    text("agent_id", facts.agent_id);
    text("trace_id", facts.trace_id);
    text("attempt_group", facts.attempt_group);
    text("request_kind", facts.kind);
    number("credential", static_cast<int>(facts.credential));
  }
  void read(const Ended& ended) {
    number("outcome", static_cast<int>(ended.outcome));
    number("http_status", ended.http_status);
    text("error_type", ended.error_type);
    text("error_message", ended.error_message);
    number("duration_us", ended.duration.count());
    if (ended.ttft) number("ttft_us", ended.ttft->count());
    number("input_tokens", ended.usage.input_tokens);
    number("output_tokens", ended.usage.output_tokens);
    number("cache_read_tokens", ended.usage.cache_read_tokens);
    number("cache_creation_tokens", ended.usage.cache_creation_tokens);
    number("reasoning_tokens", ended.usage.reasoning_tokens);
    number("estimated",
           (ended.usage.input_estimated ? 1 : 0) | (ended.usage.output_estimated ? 2 : 0));
    number("tool_call_count", ended.tool_call_count);
    text("finish_reason", ended.finish_reason);
    number("response_bytes", ended.response_bytes);
    number("overhead_us", ended.overhead.count());
    text("attempts", attempts_text(ended.attempts));
    text("answered_model", std::string(answered_model(ended)));
    number("model_mismatch", int{ended.model_mismatch});
  }

  Fields fields_;
};

/// A folder that holds the day of a release, some days later.
class ReleasedDay {
 public:
  explicit ReleasedDay(const Release& release) : copy_(folder_.path() / release.day().filename()) {
    fs::copy_file(release.day(), copy_);
  }

  std::unique_ptr<SqliteHistory> store() {
    SqliteHistoryOptions options;
    options.directory = folder_.path();
    options.retention_days = 36'500;
    return std::make_unique<SqliteHistory>(options, clock_, owner_.post());
  }
  PostedWork& owner() { return owner_; }
  const TemporaryFolder& folder() const { return folder_; }
  const fs::path& copy() const { return copy_; }
  const Clock& clock() const { return clock_; }

 private:
  TemporaryFolder folder_;
  fs::path copy_;
  ManualClock clock_{SystemTime(std::chrono::hours(24 * 365 * 70))};  // long after any release
  PostedWork owner_;
};

/// The tracker of a process that begins on that day.
struct Restarted {
  explicit Restarted(ReleasedDay& day)
      : store(day.store()),
        log(options(), day.clock()),
        pipeline(tracker, log, *store, day.clock()) {
    bool done = false;
    pipeline.restore(start, [&](std::uint64_t) { done = true; });
    day.owner().run_until(done);
  }
  LocalLogOptions options() {
    start = store->open();
    return {.block = start.block, .is_reserved = start.is_reserved};
  }

  std::unique_ptr<SqliteHistory> store;
  HistoryStart start;
  LocalLog log;
  Tracker tracker{TrackerOptions{}};
  Pipeline pipeline;
};

Fields watermarks_of(const json::object& recorded) {
  Fields marks;
  for (const auto& [instance, seq] : recorded) marks[std::string(instance)] = text_of(seq);
  return marks;
}

TEST(ReleasedDays, AreReadRowByRowAsTheReleaseWroteThem) {
  for (const Release& release : releases(VDM_SOURCE_DIR "/tests/golden")) {
    SCOPED_TRACE(release.folder);
    ReleasedDay day(release);
    const auto store = day.store();
    store->open();
    std::vector<Fields> rows;
    Fields watermarks;
    for (const StoredWatermark& mark : store->watermarks(nullptr)) {
      watermarks[mark.instance_id] = std::to_string(mark.seq);
    }
    bool done = false;

    store->restore(nullptr, {.rows =
                                 [&](const std::vector<LiveEventPtr>& events) {
                                   for (const auto& event : events) {
                                     rows.push_back(RowFields::of(*event));
                                   }
                                 },
                             .done = [&] { done = true; }});
    day.owner().run_until(done);

    EXPECT_EQ(store->degraded(), std::vector<std::string>{});
    const json::object& history = release.expected.at("history").as_object();
    EXPECT_EQ(watermarks, watermarks_of(history.at("watermarks").as_object()));
    const json::array& recorded = history.at("rows").as_array();
    ASSERT_EQ(rows.size(), recorded.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i], RowFields::of(recorded[i].as_object())) << "row " << i;
    }
  }
}

TEST(ReleasedDays, GiveTheTotalsThatTheReleaseGave) {
  for (const Release& release : releases(VDM_SOURCE_DIR "/tests/golden")) {
    SCOPED_TRACE(release.folder);
    ReleasedDay day(release);

    const Restarted restarted(day);
    const Tracker& tracker = restarted.tracker;

    const Counters& total = tracker.totals().summary().counters.total;
    const json::object& recorded =
        release.expected.at("history").at("totals").at("summary").as_object();
    const auto said = [&](const char* name) {
      return recorded.at(name).to_number<std::uint64_t>();
    };
    EXPECT_EQ(total.requests, said("total_requests"));
    EXPECT_EQ(total.errors, said("total_errors"));
    EXPECT_EQ(total.cancelled, said("total_cancelled"));
    EXPECT_EQ(total.lost, said("total_lost"));
    EXPECT_EQ(total.input_tokens, said("total_input_tokens"));
    EXPECT_EQ(total.output_tokens, said("total_output_tokens"));
    EXPECT_EQ(total.cache_read_tokens, said("total_cache_read_tokens"));
    EXPECT_EQ(total.cache_creation_tokens, said("total_cache_creation_tokens"));
    EXPECT_EQ(total.tool_calls, said("total_tool_calls"));
    EXPECT_EQ(tracker.broken_invariant(), "");
  }
}

TEST(ReleasedDays, AreNeverRewrittenNorGetAFileBesideThem) {
  for (const Release& release : releases(VDM_SOURCE_DIR "/tests/golden")) {
    SCOPED_TRACE(release.folder);
    ReleasedDay day(release);
    const auto written_at = fs::last_write_time(day.copy());
    {
      Restarted restarted(day);
      Pipeline& pipeline = restarted.pipeline;
      pipeline.hello({.instance_id = "instance-1", .proxy_name = "proxy-1", .version = "9"});
      const auto facts = std::make_shared<const RequestFacts>(RequestFacts{.request_id = "new"});
      pipeline.report("instance-1", 1, {Ended{.facts = facts, .outcome = Outcome::Ok}}, nullptr);
    }

    EXPECT_EQ(bytes_of(day.copy()), bytes_of(release.day()));
    EXPECT_EQ(fs::last_write_time(day.copy()), written_at);
    const std::vector<std::string> names = day.folder().names();
    EXPECT_EQ(names.size(), 3u) << "the release's day, today, and the log's position: "
                                << ::testing::PrintToString(names);
  }
}

}  // namespace
}  // namespace vdm::metrics::released_days_test
