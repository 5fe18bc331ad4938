#include "metrics-service/serve/report/logs.h"

#include <absl/time/time.h>

#include <limits>

#include "common/base/env.h"
#include "metrics-service/serve/report/disabled.h"
#include "metrics-service/serve/report/rows_json.h"

namespace vdm::metrics {
namespace {

/// The service logs to standard error and does not know whether systemd keeps that.
constexpr std::string_view NoSystemd =
    R"({"requested":false,"effective":false,"handler":"console"})";

/// The parameter's number; `missing` when it is absent; nothing when it is out of range.
std::optional<std::uint64_t> number_of(const http::Request& request, std::string_view name,
                                       std::uint64_t min, std::uint64_t max,
                                       std::uint64_t missing) {
  const std::string* text = request.parameter(name);
  if (!text) return missing;
  const auto parsed = parse_count(name, *text, min, max);
  if (!parsed) return std::nullopt;
  return *parsed;
}

}  // namespace

http::Reply unprocessable(std::string_view parameter, std::string_view message,
                          std::string_view input) {
  JsonWriter body;
  body.begin_object().key("detail").begin_array().begin_object().member("type", "value_error");
  body.key("loc").begin_array().value("query").value(parameter).end_array();
  body.member("msg", message).member("input", input.substr(0, 80));
  body.end_object().end_array().end_object();
  http::Reply reply;
  reply.head.status = 422;
  reply.head.content_type = "application/json";
  reply.body = body.take();
  return reply;
}

std::variant<LogsQuery, http::Reply> parse_logs_query(const http::Request& request) {
  constexpr auto Any = std::numeric_limits<std::uint64_t>::max();
  const auto refuse = [&](std::string_view name, std::string_view message) {
    return unprocessable(name, message, *request.parameter(name));
  };
  const auto errors = number_of(request, "limit_errors", 1, 1000, 100);
  if (!errors) return refuse("limit_errors", "expected 1..1000");
  const auto traces = number_of(request, "limit_traces", 1, 2000, 200);
  if (!traces) return refuse("limit_traces", "expected 1..2000");
  const auto after = number_of(request, "after", 0, Any, 0);
  if (!after) return refuse("after", "expected a sequence number");
  const auto after_errors = number_of(request, "after_errors", 0, Any, 0);
  if (!after_errors) return refuse("after_errors", "expected a sequence number");
  LogsQuery query{.limit_errors = *errors,
                  .limit_traces = *traces,
                  .after = *after,
                  .after_errors = {},
                  .outcome = {}};
  if (request.parameter("after_errors")) query.after_errors = *after_errors;
  if (const std::string* outcome = request.parameter("outcome")) {
    query.outcome = outcome_named(*outcome);
    if (!query.outcome) return refuse("outcome", "expected an outcome, as in the answer's rows");
  }
  return query;
}

std::string logs_json(const Tracker& tracker, const LogsQuery& query) {
  // The filter applies before the limit, so every kept trace is examined.
  const auto most = [&](std::size_t limit) {
    return query.outcome || query.client_label ? std::numeric_limits<std::size_t>::max() : limit;
  };
  const auto write = [&](JsonWriter& out, const TracePtr& trace, TraceList list,
                         std::size_t& room) {
    if (room == 0 || (query.outcome && trace->ended.outcome != *query.outcome)) return;
    const auto& facts = trace->ended.facts;
    if (query.client_label && (!facts || facts->client_label != *query.client_label)) return;
    write_trace(out, *trace, list);
    --room;
  };
  JsonWriter out;
  out.begin_object().key("systemd").raw(NoSystemd).key("errors").begin_array();
  std::size_t room = query.limit_errors;
  for (const TracePtr& trace : tracker.errors(most(room), query.after_errors.value_or(0))) {
    // Without `after_errors`, `after` applies to the list of errors, too.
    if (!query.after_errors && trace->seq <= query.after) continue;
    write(out, trace, TraceList::Errors, room);
  }
  out.end_array().key("traces").begin_array();
  room = query.limit_traces;
  for (const TracePtr& trace : tracker.traces(most(room), query.after)) {
    write(out, trace, TraceList::Traces, room);
  }
  return out.end_array().end_object().take();
}

std::string no_logs_json() {
  const std::string rest =
      ",\"systemd\":" + std::string(NoSystemd) + ",\"errors\":[],\"traces\":[]";
  return disabled_data(metrics_disabled(), rest);
}

std::string file_stamp(WallTime time) {
  return absl::FormatTime("%Y%m%d-%H%M%S", absl::FromUnixMicros(time.time_since_epoch().count()),
                          absl::UTCTimeZone());
}

}  // namespace vdm::metrics
