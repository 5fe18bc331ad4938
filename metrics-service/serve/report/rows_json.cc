#include "metrics-service/serve/report/rows_json.h"

#include <absl/time/time.h>

#include <cmath>
#include <cstdlib>

namespace vdm::metrics {
namespace {

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::Unspecified:
    case Phase::Connecting:
      return "connecting";
    case Phase::Waiting:
      return "waiting";
    case Phase::Streaming:
      return "streaming";
    case Phase::Draining:
      return "draining";
  }
  std::abort();  // every phase is listed above; -Wswitch keeps it so
}

std::string_view state_name(ProxyState state) {
  switch (state) {
    case ProxyState::Connected:
      return "connected";
    case ProxyState::Stale:
      return "stale";
    case ProxyState::Gone:
      return "gone";
  }
  std::abort();  // every state is listed above; -Wswitch keeps it so
}

/// Null when it is not known.
std::optional<std::string_view> credential_name(Credential credential) {
  switch (credential) {
    case Credential::Unspecified:
      return std::nullopt;
    case Credential::Key:
      return "key";
    case Credential::ClientKey:
      return "client_key";
    case Credential::Subscription:
      return "subscription";
    case Credential::None:
      return "none";
  }
  std::abort();  // every credential is listed above; -Wswitch keeps it so
}

std::optional<std::string_view> or_null(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<double> milliseconds_of(std::optional<Micros> duration) {
  if (!duration) return std::nullopt;
  return metrics::milliseconds(*duration);
}

std::string qualified_model(const RequestFacts& facts) {
  if (facts.provider.empty() || names_its_provider(facts)) return facts.requested_model;
  return facts.provider + ":" + facts.requested_model;
}

std::string_view or_unknown(std::string_view text) { return text.empty() ? "unknown" : text; }

void write_half(JsonWriter& out, std::string_view name, const Counters& half) {
  out.key(name)
      .begin_object()
      .member("requests", half.requests)
      .member("errors", half.errors)
      .member("average_duration_ms", average_ms(half))
      .member("input_tokens", half.input_tokens)
      .member("output_tokens", half.output_tokens)
      .end_object();
}

void write_attempts(JsonWriter& out, const std::vector<Attempt>& attempts) {
  const auto reached = [](Micros after) {
    return after > Micros(0) ? std::optional<double>(milliseconds(after)) : std::nullopt;
  };
  out.key("attempts").begin_array();
  for (const Attempt& attempt : attempts) {
    out.begin_object()
        .member("provider", attempt.provider)
        .member("model", attempt.resolved_model)
        .member("status", attempt.http_status)
        .member("error_type",
                attempt.error_type.empty() ? std::nullopt : std::optional(attempt.error_type))
        .member("started_ms", milliseconds(attempt.started_after))
        .member("connected_ms", reached(attempt.connected_after))
        .member("first_byte_ms", reached(attempt.first_byte_after))
        .member("ended_ms", milliseconds(attempt.ended_after))
        .member("reused", attempt.connection_reused)
        .end_object();
  }
  out.end_array();
}

}  // namespace

double unix_seconds(WallTime time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1e6;
}

std::int64_t average_ms(const Counters& counters) {
  if (counters.duration_count == 0) return 0;
  return std::llround(milliseconds(counters.duration_sum) /
                      static_cast<double>(counters.duration_count));
}

double milliseconds(Micros duration) { return static_cast<double>(duration.count()) / 1000.0; }

std::string rfc3339(WallTime time) {
  if (time == WallTime{}) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ",
                          absl::FromUnixMicros(time.time_since_epoch().count()),
                          absl::UTCTimeZone());
}

void write_active(JsonWriter& out, const ActiveView& row) {
  const RequestFacts& facts = *row.facts;
  const Progressed progress = row.progress.value_or(Progressed{});
  const Usage& usage = progress.usage;
  out.begin_object()
      .member("request_id", facts.request_id)
      .member("provider", provider_of(facts))
      .member("model", or_unknown(requested_without_provider(facts)))
      .member("requested_model", or_unknown(facts.requested_model))
      .member("resolved_model", facts.resolved_model)
      .member("qualified_model", or_unknown(qualified_model(facts)))
      .member("is_streaming", facts.streaming)
      .member("start_time", unix_seconds(facts.started_at))
      .member("duration_ms", std::llround(milliseconds(row.duration)))
      .member("input_tokens", usage.input_tokens)
      .member("output_tokens", usage.output_tokens)
      .member("cache_read_tokens", usage.cache_read_tokens)
      .member("cache_creation_tokens", usage.cache_creation_tokens)
      .member("tool_uses", facts.tool_use_count)
      .member("tool_results", facts.tool_result_count)
      .member("tool_calls", progress.tool_call_count)
      .member("request_size", facts.request_bytes)
      .member("message_count", facts.message_count)
      .member("proxy", *row.proxy)
      .member("phase", phase_name(progress.phase))
      .member("ttft_ms", milliseconds_of(progress.ttft))
      .member("tokens_per_second", row.tokens_per_second)
      .member("idle_ms", milliseconds_of(row.idle))
      .member("attempt", progress.attempt == 0 ? 1u : progress.attempt)
      .member("session", facts.session_id)
      .member("agent", facts.agent_id)
      .member("client", facts.client_label)
      .member("stale", row.stale)
      .member("estimated", usage.output_estimated)
      .member("trace_id", facts.trace_id)
      .member("kind", kind_of(facts))
      .member("credential", credential_name(facts.credential))
      .member("answered_model", or_null(progress.other_model))
      .member("model_mismatch", !progress.other_model.empty())
      .end_object();
}

void write_trace(JsonWriter& out, const Trace& trace, TraceList list) {
  const Ended& ended = trace.ended;
  const RequestFacts& facts = *ended.facts;
  const bool ok = !is_error(ended.outcome) && ended.outcome != Outcome::Lost;
  std::optional<std::string_view> error;
  std::optional<std::string_view> type;
  if (!ok) {
    error = !ended.error_message.empty() ? std::string_view(ended.error_message)
            : !ended.error_type.empty()  ? std::string_view(ended.error_type)
                                         : outcome_name(ended.outcome);
    type =
        ended.error_type.empty() ? outcome_name(ended.outcome) : std::string_view(ended.error_type);
  }
  out.begin_object()
      .member("seq", list == TraceList::Errors ? trace.error_seq : trace.seq)
      .member("ts", unix_seconds(trace.ended_at))
      .member("request_id", facts.request_id)
      .member("provider", provider_of(facts))
      .member("model", model_of(facts))
      .member("is_streaming", facts.streaming)
      .member("duration_ms", milliseconds(ended.duration))
      .member("input_tokens", ended.usage.input_tokens)
      .member("output_tokens", ended.usage.output_tokens)
      .member("cache_read_tokens", ended.usage.cache_read_tokens)
      .member("cache_creation_tokens", ended.usage.cache_creation_tokens)
      .member("tool_use_count", facts.tool_use_count)
      .member("tool_call_count", ended.tool_call_count)
      .member("tool_result_count", facts.tool_result_count)
      .member("status", ok ? "ok" : "error")
      .member("error", error)
      .member("error_type", type)
      .member("outcome", outcome_name(ended.outcome))
      .member("http_status", ended.http_status)
      .member("ttft_ms", milliseconds_of(ended.ttft))
      .member("requested_model", facts.requested_model)
      .member("resolved_model", facts.resolved_model)
      .member("proxy", *trace.proxy)
      .member("finish_reason", ended.finish_reason)
      .member("overhead_ms", milliseconds(ended.overhead))
      .member("response_bytes", ended.response_bytes)
      .member("request_size", facts.request_bytes)
      .member("message_count", facts.message_count)
      .member("reasoning_tokens", ended.usage.reasoning_tokens)
      .member("estimated", ended.usage.input_estimated || ended.usage.output_estimated)
      .member("start_time", unix_seconds(facts.started_at))
      .member("trace_id", facts.trace_id)
      .member("session", facts.session_id)
      .member("agent", facts.agent_id)
      .member("client", facts.client_label)
      .member("user_agent", facts.user_agent)
      .member("kind", kind_of(facts))
      .member("credential", credential_name(facts.credential))
      .member("answered_model", or_null(answered_model(ended)))
      .member("model_mismatch", ended.model_mismatch);
  write_attempts(out, ended.attempts);
  out.end_object();
}

void write_totals(JsonWriter& out, const TotalsView& row) {
  const Bucket& bucket = *row.bucket;
  const Counters& total = bucket.counters.total;
  const std::string last = rfc3339(bucket.last_accessed);
  out.begin_object();
  if (!row.provider.empty()) out.member("provider", row.provider);
  if (row.model) out.member("model", *row.model);
  out.member("requests", total.requests)
      .member("errors", total.errors)
      .member("cancelled", total.cancelled)
      .member("lost", total.lost)
      .member("active", bucket.active)
      .member("input_tokens", total.input_tokens)
      .member("output_tokens", total.output_tokens)
      .member("cache_read_tokens", total.cache_read_tokens)
      .member("cache_creation_tokens", total.cache_creation_tokens)
      .member("reasoning_tokens", total.reasoning_tokens)
      .member("tool_uses", total.tool_uses)
      .member("tool_results", total.tool_results)
      .member("tool_calls", total.tool_calls)
      .member("model_mismatches", total.model_mismatches)
      .member("average_duration_ms", average_ms(total))
      .member("total_duration_ms", milliseconds(total.duration_sum))
      .member("p50_ms", milliseconds_of(bucket.duration.percentile(0.5)))
      .member("p95_ms", milliseconds_of(bucket.duration.percentile(0.95)))
      .member("ttft_p50_ms", milliseconds_of(bucket.ttft.percentile(0.5)))
      .member("ttft_p95_ms", milliseconds_of(bucket.ttft.percentile(0.95)))
      .member("last_accessed", last.empty() ? std::nullopt : std::optional(last));
  write_half(out, "streaming", bucket.counters.streaming);
  write_half(out, "non_streaming", bucket.counters.non_streaming);
  out.end_object();
}

void write_proxy(JsonWriter& out, const ProxyView& proxy) {
  out.begin_object()
      .member("proxy", proxy.proxy)
      .member("instance_id", proxy.instance_id)
      .member("state", state_name(proxy.state))
      .member("version", proxy.version)
      .member("boot_time", rfc3339(proxy.boot))
      .member("last_seen", rfc3339(proxy.last_seen))
      .member("active", proxy.active)
      .member("started", proxy.started)
      .member("ended", proxy.ended)
      .member("lost", proxy.lost)
      .member("gap_ended", proxy.gap_ended)
      .member("undeclared_gaps", proxy.undeclared_gaps)
      .member("buffered_bytes", proxy.buffered_bytes)
      .member("dropped_progress", proxy.dropped_progress)
      .member("rejections_unlisted", proxy.rejections_unlisted)
      .member("implausible_numbers", proxy.implausible_numbers)
      .end_object();
}

void write_second(JsonWriter& out, const Second& second) {
  out.begin_object()
      .member("t", second.t)
      .member("started", second.started)
      .member("ended", second.ended)
      .member("errors", second.errors)
      .member("input_tokens", second.input_tokens)
      .member("output_tokens", second.output_tokens)
      .end_object();
}

}  // namespace vdm::metrics
