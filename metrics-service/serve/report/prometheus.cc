#include "metrics-service/serve/report/prometheus.h"

#include <map>
#include <vector>

#include "common/prometheus/exposition.h"

namespace vdm::metrics {
namespace {

using Kind = Exposition::Kind;

/// The edges are powers of two in microseconds, which are edges of the histogram too.
void write_histogram(Exposition& out, Exposition::Labels labels, const Histogram& counts,
                     int first_power, int last_power) {
  std::vector<Exposition::Bucket> buckets;
  for (int power = first_power; power <= last_power; ++power) {
    const Micros edge(std::int64_t{1} << power);
    buckets.push_back({static_cast<double>(edge.count()) / 1e6, counts.count_below(edge)});
  }
  out.histogram(labels, counts.count(), static_cast<double>(counts.sum().count()) / 1e6, buckets);
}

template <class Each>
void each_model(const Totals& totals, Each&& each) {
  for (const auto& [provider, entry] : totals.providers()) {
    for (const auto& [model, bucket] : entry.models) each(provider, model, bucket);
  }
}

void write_requests(Exposition& out, const Totals& totals) {
  out.family("vdm_requests_total", Kind::Counter, "Requests that are over, by how they ended.");
  each_model(totals, [&](const auto& provider, const auto& model, const Bucket& bucket) {
    const Counters& c = bucket.counters.total;
    const auto outcome = [&](std::string_view name, std::uint64_t value) {
      out.sample({{"provider", provider}, {"model", model}, {"outcome", name}}, value);
    };
    outcome("ok", c.requests - c.errors - c.cancelled);
    outcome("error", c.errors);
    outcome("cancelled", c.cancelled);
  });
  out.family("vdm_requests_lost", Kind::Gauge,
             "Requests whose proxy went away before their end came. A late end takes one back.");
  out.sample({}, totals.summary().counters.total.lost);
  out.family("vdm_requests_in_flight", Kind::Gauge, "Requests that run now.");
  each_model(totals, [&](const auto& provider, const auto& model, const Bucket& bucket) {
    out.sample({{"provider", provider}, {"model", model}}, std::uint64_t{bucket.active});
  });
  out.family("vdm_model_mismatches_total", Kind::Counter,
             "Requests answered by another model than the one asked, by the model asked.");
  each_model(totals, [&](const auto& provider, const auto& model, const Bucket& bucket) {
    out.sample({{"provider", provider}, {"model", model}}, bucket.counters.total.model_mismatches);
  });
  out.family("vdm_request_errors_total", Kind::Counter, "Requests that failed, by error type.");
  for (const auto& [type, count] : totals.error_counts()) out.sample({{"error_type", type}}, count);
}

void write_tokens(Exposition& out, const Totals& totals) {
  out.family("vdm_tokens_total", Kind::Counter,
             "Tokens of requests that are over; input is without what the cache gave or took.");
  each_model(totals, [&](const auto& provider, const auto& model, const Bucket& bucket) {
    const Counters& c = bucket.counters.total;
    const auto type = [&](std::string_view name, std::uint64_t value) {
      out.sample({{"provider", provider}, {"model", model}, {"type", name}}, value);
    };
    type("input", c.input_tokens);
    type("output", c.output_tokens);
    type("cache_read", c.cache_read_tokens);
    type("cache_creation", c.cache_creation_tokens);
  });
}

void write_durations(Exposition& out, const Totals& totals) {
  constexpr int Ms16 = 14;   // 16.4 ms
  constexpr int Min17 = 30;  // 17.9 minutes
  out.family("vdm_request_duration_seconds", Kind::Histogram, "From a request's start to its end.");
  for (const auto& [name, provider] : totals.providers()) {
    write_histogram(out, {{"provider", name}}, provider.rollup.duration, Ms16, Min17);
  }
  out.family("vdm_time_to_first_token_seconds", Kind::Histogram,
             "From a request's start to the first token relayed.");
  for (const auto& [name, provider] : totals.providers()) {
    write_histogram(out, {{"provider", name}}, provider.rollup.ttft, Ms16, 26);
  }
  out.family("vdm_gateway_overhead_seconds", Kind::Histogram,
             "Time to the first byte that was spent in the gateway.");
  write_histogram(out, {}, totals.overhead(), 6, 16);
}

void write_proxies(Exposition& out, const Tracker& tracker) {
  std::map<ProxyState, std::uint64_t> states;
  ProxyView sum;
  for (const ProxyView& proxy : tracker.proxies()) {
    ++states[proxy.state];
    sum.gap_ended += proxy.gap_ended;
    sum.undeclared_gaps += proxy.undeclared_gaps;
    sum.buffered_bytes += proxy.buffered_bytes;
    sum.rejections_unlisted += proxy.rejections_unlisted;
    sum.implausible_numbers += proxy.implausible_numbers;
  }
  out.family("vdm_proxies", Kind::Gauge, "Proxies, by state of their connection.");
  out.sample({{"state", "connected"}}, states[ProxyState::Connected]);
  out.sample({{"state", "stale"}}, states[ProxyState::Stale]);
  out.sample({{"state", "gone"}}, states[ProxyState::Gone]);
  out.family("vdm_proxy_gap_ended", Kind::Gauge,
             "Ends that the proxies shown had to drop, and that are no lost request.");
  out.sample({}, sum.gap_ended);
  out.family("vdm_proxy_undeclared_gaps", Kind::Gauge,
             "Events of the proxies shown that never came and that nothing explains.");
  out.sample({}, sum.undeclared_gaps);
  out.family("vdm_proxy_buffered_bytes", Kind::Gauge, "Events that wait in the proxies.");
  out.sample({}, sum.buffered_bytes);
  out.family("vdm_proxy_rejections_unlisted", Kind::Gauge,
             "Requests that the proxies shown refused before their route was found, too many at a "
             "time to be listed or counted above.");
  out.sample({}, sum.rejections_unlisted);
  out.family(
      "vdm_proxy_implausible_numbers", Kind::Gauge,
      "Numbers that the proxies shown reported, that no request can have, and that were left "
      "out.");
  out.sample({}, sum.implausible_numbers);
}

}  // namespace

std::string prometheus_text(const Tracker& tracker, const ProcessFigures& figures, ClockPair now) {
  Exposition out;
  const Totals& totals = tracker.totals();
  out.family("vdm_build_info", Kind::Gauge, "What is running.");
  out.sample({{"version", figures.version}, {"commit", figures.commit}}, std::uint64_t{1});
  write_requests(out, totals);
  write_tokens(out, totals);
  write_durations(out, totals);
  out.family("vdm_oldest_request_age_seconds", Kind::Gauge, "Age of the oldest request that runs.");
  const auto oldest = tracker.oldest_active(now);
  const Micros age = oldest ? oldest->duration : Micros(0);
  out.sample({}, static_cast<double>(age.count()) / 1e6);
  write_proxies(out, tracker);
  out.family("vdm_sse_readers", Kind::Gauge, "Readers of the live feeds.");
  out.sample({}, std::uint64_t{figures.live_readers});
  out.family("vdm_grpc_subscribers", Kind::Gauge, "Subscribers of the event stream.");
  out.sample({}, std::uint64_t{figures.subscribers});
  out.family("vdm_label_values_capped_total", Kind::Counter,
             "Times a model was counted as \"other\", there being too many.");
  out.sample({}, totals.capped());
  out.family("vdm_active_overflow_total", Kind::Counter,
             "Starts that were not followed, too many requests running.");
  out.sample({}, tracker.active_overflow());
  out.family("vdm_degraded", Kind::Gauge, "How many things are wrong; /health/ready says which.");
  out.sample({}, std::uint64_t{tracker.degraded().size()});
  return out.text();
}

}  // namespace vdm::metrics
