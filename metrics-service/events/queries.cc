#include "metrics-service/events/queries.h"

#include <algorithm>
#include <string>

#include <vdm/metrics/v1/events.pb.h>

#include "common/base/log.h"
#include "metrics-service/events/event_filter.h"
#include "metrics-service/events/event_messages.h"
#include "metrics-service/filter/glob.h"
#include "proto/contract/event_codec.h"

namespace vdm::metrics {
namespace {

constexpr std::uint32_t TracesMax = 2000;
constexpr std::uint32_t TracesUnlessSaid = 200;
/// Stays below 4 MiB, which every gRPC client accepts by default.
constexpr std::size_t ReplyBytesMax = 3 * 1024 * 1024;

grpc::Status invalid(const std::string& message) {
  return {grpc::StatusCode::INVALID_ARGUMENT, message};
}

void encode(const Split& split, v1::TotalsRow& row) {
  metrics::encode(split.total, *row.mutable_total());
  metrics::encode(split.streaming, *row.mutable_streaming());
  metrics::encode(split.non_streaming, *row.mutable_non_streaming());
}

void add_row(const std::string& provider, const std::string& model, const Bucket& bucket,
             v1::GetRunningTotalsReply& reply) {
  v1::TotalsRow& row = *reply.add_rows();
  row.set_provider(provider);
  row.set_model(model);
  encode(bucket.counters, row);
  row.set_active(bucket.active);
  row.set_last_accessed_unix_us(bucket.last_accessed.time_since_epoch().count());
}

/// Adds the providers whose name matches, each with its matching models, and sums up what it added.
struct TotalsAnswer {
  const v1::GetRunningTotalsRequest& request;
  v1::GetRunningTotalsReply& reply;
  Counters sum;
  std::uint32_t active = 0;

  static bool matches(const std::string& pattern, const std::string& name) {
    return pattern.empty() || matches_glob(pattern, name);
  }
  bool counts(const Bucket& bucket) const {
    return !request.without_active() || bucket.counters.total.requests > 0 ||
           bucket.counters.total.lost > 0;
  }
  void add(const std::string& name, const Totals::Provider& provider) {
    if (!matches(request.provider(), name)) return;
    Bucket rollup;
    std::vector<std::pair<std::string, const Bucket*>> models;
    for (const auto& [model, bucket] : provider.models) {
      if (!matches(request.model(), model) || !counts(bucket)) continue;
      rollup.merge(bucket);
      models.emplace_back(model, &bucket);
    }
    if (models.empty()) return;
    sum.add(rollup.counters.total);
    active += rollup.active;
    add_row(name, "", rollup, reply);
    for (const auto& [model, bucket] : models) add_row(name, model, *bucket, reply);
  }
};

}  // namespace

grpc::Status answer(const EventsHost& host, const v1::GetActiveRequestsRequest& request,
                    v1::GetActiveRequestsReply& reply) {
  const auto filter = EventFilter::from(request.filter());
  if (!filter) return invalid(filter.error().message);
  std::size_t bytes = 0;
  std::uint32_t total = 0;
  for (const ActiveView& active : host.tracker().active(host.pipeline.now())) {
    if (!filter->matches(active)) continue;
    ++total;
    if (bytes > ReplyBytesMax) continue;
    metrics::encode(active, *reply.add_active());
    bytes += reply.active(reply.active_size() - 1).ByteSizeLong();
  }
  reply.set_total(total);
  reply.set_cursor(host.tracker().cursor().text());
  return grpc::Status::OK;
}

grpc::Status answer(const EventsHost& host, const v1::GetRunningTotalsRequest& request,
                    v1::GetRunningTotalsReply& reply) {
  if (request.provider().size() > Caps::Text)
    return invalid("provider: expected at most 256 bytes");
  if (request.model().size() > Caps::Text) return invalid("model: expected at most 256 bytes");
  TotalsAnswer answer{.request = request, .reply = reply, .sum = {}};
  for (const auto& [name, provider] : host.tracker().totals().providers()) {
    answer.add(name, provider);
  }
  metrics::encode(answer.sum, *reply.mutable_summary());
  reply.set_active(answer.active);
  reply.set_restoring(host.tracker().restoring());
  reply.set_since_unix_us(host.tracker().since().time_since_epoch().count());
  return grpc::Status::OK;
}

grpc::Status answer(const EventsHost& host, const v1::GetTracesRequest& request,
                    v1::GetTracesReply& reply) {
  const auto filter = EventFilter::from(request.filter());
  if (!filter) return invalid(filter.error().message);
  if (request.limit() > TracesMax) return invalid("limit: expected at most 2000");
  const std::uint32_t limit = request.limit() == 0 ? TracesUnlessSaid : request.limit();
  // The filter applies before the limit, so every kept trace is examined.
  const auto all = request.errors_only() ? host.tracker().errors(TracesMax, request.after_seq())
                                         : host.tracker().traces(TracesMax, request.after_seq());
  std::size_t bytes = 0;
  for (const TracePtr& trace : all) {
    if (!filter->matches(*trace)) continue;
    if (reply.traces_size() >= static_cast<int>(limit) || bytes > ReplyBytesMax) break;
    v1::Trace& row = *reply.add_traces();
    metrics::encode(*trace, row);
    if (request.errors_only()) row.set_seq(trace->error_seq);
    bytes += row.ByteSizeLong();
  }
  return grpc::Status::OK;
}

void answer(const EventsHost& host, v1::GetStatusReply& reply) {
  const Counts counts = host.tracker().counts();
  reply.set_version(host.options.version);
  reply.set_cursor(host.tracker().cursor().text());
  reply.set_started_unix_us(host.started.time_since_epoch().count());
  for (const ProxyView& proxy : host.tracker().proxies()) {
    metrics::encode(proxy, *reply.add_proxies());
  }
  reply.set_active(static_cast<std::uint32_t>(counts.active));
  reply.set_started(counts.started);
  reply.set_ended(counts.ended);
  reply.set_lost(counts.lost);
  reply.set_subscribers(static_cast<std::uint32_t>(host.subscribers.size()));
  if (host.options.live_readers) reply.set_live_readers(host.options.live_readers());
  reply.set_restoring(host.tracker().restoring());
  for (const std::string& reason : host.pipeline.degraded()) reply.add_degraded(reason);
}

grpc::Status cancel(const EventsHost& host, const v1::CancelRequestRequest& request) {
  if (!host.options.cancel_allowed || !host.options.cancel) {
    return {grpc::StatusCode::PERMISSION_DENIED,
            "cancelling is off; VDM_ALLOW_CANCEL=true at the metrics service allows it"};
  }
  if (!is_identity(request.request_id())) {
    return invalid("request_id: expected 1..128 visible ASCII characters");
  }
  const auto active = host.tracker().find_active(request.request_id(), host.pipeline.now());
  if (!active) return {grpc::StatusCode::NOT_FOUND, "no running request has this id"};
  if (!host.options.cancel(active->instance_id, request.request_id())) {
    return {grpc::StatusCode::UNAVAILABLE, "its proxy is not connected"};
  }
  log::info("cancel asked for", {{"request", request.request_id()}, {"proxy", active->proxy}});
  return grpc::Status::OK;
}

}  // namespace vdm::metrics
