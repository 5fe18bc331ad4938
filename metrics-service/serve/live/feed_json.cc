#include "metrics-service/serve/live/feed_json.h"

#include "metrics-service/serve/report/rows_json.h"

namespace vdm::metrics {
namespace {

template <class Rows, class Write>
void write_array(JsonWriter& out, std::string_view name, const Rows& rows, Write&& write) {
  out.key(name).begin_array();
  for (const auto& row : rows) write(out, row);
  out.end_array();
}

void write_traces(JsonWriter& out, const View& view) {
  write_array(out, "traces", view.traces, [](JsonWriter& to, const TracePtr& trace) {
    write_trace(to, *trace, TraceList::Traces);
  });
}

void write_errors(JsonWriter& out, const View& view) {
  write_array(out, "errors", view.errors, [](JsonWriter& to, const TracePtr& trace) {
    write_trace(to, *trace, TraceList::Errors);
  });
}

void write_strings(JsonWriter& out, std::string_view name, const std::vector<std::string>& all) {
  write_array(out, name, all, [](JsonWriter& to, const std::string& text) { to.value(text); });
}

void write_totals_member(JsonWriter& out, const View& view) {
  out.key("totals").begin_object();
  if (view.summary) {
    out.key("summary");
    write_totals(out, TotalsView{"", std::nullopt, view.summary});
  }
  write_array(out, "providers", view.providers, write_totals);
  write_array(out, "models", view.models, write_totals);
  out.end_object();
}

void write_upsert(JsonWriter& out, const View& changes, RowTexts& rows) {
  write_array(out, "upsert", changes.active,
              [&](JsonWriter& to, const ActiveView& row) { to.raw(rows.of(row)); });
}

}  // namespace

void RowTexts::begin(std::uint64_t publish) {
  if (publish != publish_) texts_.clear();
  publish_ = publish;
}

std::string_view RowTexts::of(const ActiveView& row) {
  Text& text = texts_[row.facts.get()];
  if (text.changed_at == row.changed_at) return text.json;
  JsonWriter out;
  write_active(out, row);
  ++written_;
  text = {row.changed_at, out.take()};
  return text.json;
}

std::string multiplexed_snapshot(const View& view, const std::string& epoch,
                                 const FeedSettings& settings) {
  JsonWriter out;
  out.begin_object()
      .member("epoch", epoch)
      .member("revision", view.revision)
      .member("server_time", unix_seconds(view.server_time));
  out.key("settings")
      .begin_object()
      .member("cancel_allowed", settings.cancel_allowed)
      .member("progress_interval_s", settings.progress_interval_s)
      .member("heartbeat_s", settings.heartbeat_s)
      .member("authentication_required", settings.authentication_required)
      .end_object();
  write_array(out, "active", view.active, write_active);
  write_totals_member(out, view);
  write_array(out, "proxies", *view.proxies, write_proxy);
  write_traces(out, view);
  write_errors(out, view);
  write_array(out, "series", view.series, write_second);
  write_strings(out, "degraded", *view.degraded);
  return out.end_object().take();
}

std::string multiplexed_delta(const View& changes, RowTexts& rows) {
  JsonWriter out;
  out.begin_object()
      .member("revision", changes.revision)
      .member("server_time", unix_seconds(changes.server_time));
  const std::size_t nothing = out.text().size();
  if (!changes.active.empty()) write_upsert(out, changes, rows);
  if (!changes.removed.empty()) write_strings(out, "remove", changes.removed);
  if (changes.summary || !changes.providers.empty()) write_totals_member(out, changes);
  if (changes.proxies) write_array(out, "proxies", *changes.proxies, write_proxy);
  if (!changes.traces.empty()) write_traces(out, changes);
  if (!changes.errors.empty()) write_errors(out, changes);
  if (!changes.series.empty()) write_array(out, "series", changes.series, write_second);
  if (changes.degraded) write_strings(out, "degraded", *changes.degraded);
  if (out.text().size() == nothing) return "";
  return out.end_object().take();
}

std::string active_rows(const View& view, std::optional<double> timestamp) {
  JsonWriter out;
  out.begin_object().member("disabled", false);
  write_array(out, "active_requests", view.active, write_active);
  if (timestamp) out.member("timestamp", *timestamp);
  return out.end_object().take();
}

std::string active_delta(const View& changes, RowTexts& rows) {
  if (changes.active.empty() && changes.removed.empty()) return "";
  JsonWriter out;
  out.begin_object()
      .member("revision", changes.revision)
      .member("timestamp", unix_seconds(changes.server_time));
  write_upsert(out, changes, rows);
  write_strings(out, "remove", changes.removed);
  return out.end_object().take();
}

std::string reset_data(const std::string& reason, std::uint64_t lost) {
  JsonWriter out;
  return out.begin_object().member("reason", reason).member("lost", lost).end_object().take();
}

}  // namespace vdm::metrics
