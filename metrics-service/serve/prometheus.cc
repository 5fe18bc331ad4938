#include "metrics-service/serve/prometheus.h"

#include <absl/strings/str_cat.h>

#include <array>
#include <initializer_list>
#include <map>
#include <utility>

#include "metrics-service/serve/json_writer.h"
#include "metrics-service/serve/rows_json.h"

namespace vdm::metrics {
namespace {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string number_text(double number) {
  JsonWriter writer;
  writer.value(number);
  return writer.take();
}

class Exposition {
 public:
  /// Everything under this name follows at once, as the format asks.
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    absl::StrAppend(&text_, "# HELP ", name_, " ", std::string(help), "\n# TYPE ", name_, " ",
                    std::string(type), "\n");
  }
  void sample(Labels labels, double value, std::string_view suffix = "") {
    text_.append(name_).append(suffix);
    bool first = true;
    for (const auto& [name, label] : labels) {
      text_.append(first ? "{" : ",").append(name).append("=\"");
      append_escaped(label);
      text_ += '"';
      first = false;
    }
    text_.append(first ? " " : "} ").append(number_text(value)).append("\n");
  }
  void sample(Labels labels, std::uint64_t value) { sample(labels, static_cast<double>(value)); }
  std::string take() { return std::move(text_); }

 private:
  void append_escaped(std::string_view label) {
    for (const char c : label) {
      if (c == '\\' || c == '"') text_ += '\\';
      if (c == '\n') {
        text_ += "\\n";
      } else {
        text_ += c;
      }
    }
  }

  std::string text_;
  std::string name_;
};

/// Edges at powers of two of microseconds, which are edges of the histogram too.
void histogram(Exposition& out, Labels labels, const Histogram& histogram, int first_power,
               int last_power) {
  const auto with_edge = [&](std::string_view edge, std::uint64_t count) {
    switch (labels.size()) {
      case 0:
        out.sample({{"le", edge}}, static_cast<double>(count), "_bucket");
        break;
      default:
        out.sample({*labels.begin(), {"le", edge}}, static_cast<double>(count), "_bucket");
    }
  };
  for (int power = first_power; power <= last_power; ++power) {
    const Micros edge(std::int64_t{1} << power);
    with_edge(number_text(static_cast<double>(edge.count()) / 1e6), histogram.count_below(edge));
  }
  with_edge("+Inf", histogram.count());
  out.sample(labels, static_cast<double>(histogram.sum().count()) / 1e6, "_sum");
  out.sample(labels, static_cast<double>(histogram.count()), "_count");
}

template <class Each>
void each_model(const Totals& totals, Each&& each) {
  for (const auto& [provider, entry] : totals.providers()) {
    for (const auto& [model, bucket] : entry.models) each(provider, model, bucket);
  }
}

void write_requests(Exposition& out, const Totals& totals) {
  out.family("vdm_requests_total", "counter", "Requests that are over, by how they ended.");
  each_model(totals, [&](const auto& provider, const auto& model, const Bucket& bucket) {
    const Counters& c = bucket.counters.total;
    const auto outcome = [&](std::string_view name, std::uint64_t value) {
      out.sample({{"provider", provider}, {"model", model}, {"outcome", name}}, value);
    };
    outcome("ok", c.requests - c.errors - c.cancelled);
    outcome("error", c.errors);
    outcome("cancelled", c.cancelled);
  });
  out.family(
      "vdm_requests_lost", "gauge",
      "Requests whose proxy went away before their end was told. A late end takes one back.");
  out.sample({}, totals.summary().counters.total.lost);
  out.family("vdm_requests_in_flight", "gauge", "Requests that run now.");
  each_model(totals, [&](const auto& provider, const auto& model, const Bucket& bucket) {
    out.sample({{"provider", provider}, {"model", model}}, std::uint64_t{bucket.active});
  });
  out.family("vdm_request_errors_total", "counter", "Requests that failed, by error type.");
  for (const auto& [type, count] : totals.error_counts()) out.sample({{"error_type", type}}, count);
}

void write_tokens(Exposition& out, const Totals& totals) {
  out.family("vdm_tokens_total", "counter",
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
  out.family("vdm_request_duration_seconds", "histogram", "From a request's start to its end.");
  for (const auto& [name, provider] : totals.providers()) {
    histogram(out, {{"provider", name}}, provider.rollup.duration, Ms16, Min17);
  }
  out.family("vdm_time_to_first_token_seconds", "histogram",
             "From a request's start to the first token relayed.");
  for (const auto& [name, provider] : totals.providers()) {
    histogram(out, {{"provider", name}}, provider.rollup.ttft, Ms16, 26);
  }
  out.family("vdm_gateway_overhead_seconds", "histogram",
             "Time to the first byte that was spent in the gateway.");
  histogram(out, {}, totals.overhead(), 6, 16);
}

void write_proxies(Exposition& out, const Tracker& tracker) {
  std::map<ProxyState, std::uint64_t> states;
  ProxyView sum;
  for (const ProxyView& proxy : tracker.proxies()) {
    ++states[proxy.state];
    sum.gap_ended += proxy.gap_ended;
    sum.undeclared_gaps += proxy.undeclared_gaps;
    sum.buffered_bytes += proxy.buffered_bytes;
  }
  out.family("vdm_proxies", "gauge", "Proxies, by state of their connection.");
  out.sample({{"state", "connected"}}, states[ProxyState::Connected]);
  out.sample({{"state", "stale"}}, states[ProxyState::Stale]);
  out.sample({{"state", "gone"}}, states[ProxyState::Gone]);
  out.family("vdm_proxy_gap_ended", "gauge", "Ends that the proxies shown had to drop.");
  out.sample({}, sum.gap_ended);
  out.family("vdm_proxy_undeclared_gaps", "gauge",
             "Events of the proxies shown that never came and that nothing explains.");
  out.sample({}, sum.undeclared_gaps);
  out.family("vdm_proxy_buffered_bytes", "gauge", "Events that wait in the proxies.");
  out.sample({}, sum.buffered_bytes);
}

}  // namespace

std::string prometheus_text(const Tracker& tracker, const ProcessFigures& figures, Moment now) {
  Exposition out;
  const Totals& totals = tracker.totals();
  out.family("vdm_build_info", "gauge", "What is running.");
  out.sample({{"version", figures.version}, {"commit", figures.commit}}, std::uint64_t{1});
  write_requests(out, totals);
  write_tokens(out, totals);
  write_durations(out, totals);
  out.family("vdm_oldest_request_age_seconds", "gauge", "Age of the oldest request that runs.");
  const auto oldest = tracker.oldest_active(now);
  const Micros age = oldest ? oldest->duration : Micros(0);
  out.sample({}, static_cast<double>(age.count()) / 1e6);
  write_proxies(out, tracker);
  out.family("vdm_sse_readers", "gauge", "Readers of the live feeds.");
  out.sample({}, std::uint64_t{figures.live_readers});
  out.family("vdm_grpc_subscribers", "gauge", "Subscribers of the event stream.");
  out.sample({}, std::uint64_t{figures.subscribers});
  out.family("vdm_label_values_capped_total", "counter",
             "Times a model was counted as \"other\", there being too many.");
  out.sample({}, totals.capped());
  out.family("vdm_active_overflow_total", "counter",
             "Starts that were not followed, too many requests running.");
  out.sample({}, tracker.active_overflow());
  out.family("vdm_degraded", "gauge", "How many things are wrong; /health/ready says which.");
  out.sample({}, std::uint64_t{tracker.degraded().size()});
  return out.take();
}

}  // namespace vdm::metrics
