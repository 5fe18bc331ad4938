#include "metrics-service/events/event_messages.h"

#include <vdm/metrics/v1/events.pb.h>

#include "proto/contract/event_codec.h"

namespace vdm::metrics {
namespace {

std::int64_t unix_us(WallTime time) { return time.time_since_epoch().count(); }

std::uint64_t to_us(Micros value) {
  return value.count() < 0 ? 0 : static_cast<std::uint64_t>(value.count());
}

v1::ProxyState state_of(ProxyState state) {
  switch (state) {
    case ProxyState::Connected:
      return v1::PROXY_STATE_CONNECTED;
    case ProxyState::Stale:
      return v1::PROXY_STATE_STALE;
    case ProxyState::Gone:
      return v1::PROXY_STATE_GONE;
  }
  return v1::PROXY_STATE_UNSPECIFIED;
}

/// Writes each kind of LiveEvent; one overload per kind.
struct KindWriter {
  v1::LiveEvent& out;

  void operator()(const Started& started) const {
    if (started.facts) vdm::encode(*started.facts, *out.mutable_started()->mutable_facts());
  }
  void operator()(const Progressed& progressed) const {
    vdm::encode(progressed, *out.mutable_progressed());
  }
  void operator()(const Ended& ended) const { vdm::encode(ended, *out.mutable_ended()); }
  void operator()(const Lost& lost) const {
    if (lost.facts) vdm::encode(*lost.facts, *out.mutable_lost()->mutable_facts());
    out.mutable_lost()->set_reconciled(lost.reconciled);
  }
  void operator()(const Gap& gap) const {
    out.mutable_gap()->set_from_seq(gap.from_seq);
    out.mutable_gap()->set_to_seq(gap.to_seq);
    out.mutable_gap()->set_ended_count(gap.ended_count);
  }
  void operator()(const ProxyView& proxy) const { encode(proxy, *out.mutable_proxy_changed()); }
};

}  // namespace

void encode(const LiveEvent& event, v1::LiveEvent& out) {
  if (event.proxy) out.set_proxy(*event.proxy);
  if (event.instance_id) out.set_instance_id(*event.instance_id);
  out.set_applied_unix_us(unix_us(event.applied));
  std::visit(KindWriter{out}, event.kind);
}

void encode(const ActiveView& active, v1::ActiveRequestView& out) {
  if (active.facts) vdm::encode(*active.facts, *out.mutable_facts());
  if (active.progress) vdm::encode(*active.progress, *out.mutable_progress());
  out.set_proxy(*active.proxy);
  out.set_instance_id(*active.instance_id);
  out.set_stale(active.stale);
  out.set_duration_us(to_us(active.duration));
  out.set_tokens_per_second(active.tokens_per_second.value_or(0));
}

void encode(const ProxyView& proxy, v1::ProxyView& out) {
  out.set_proxy(proxy.proxy);
  out.set_instance_id(proxy.instance_id);
  out.set_state(state_of(proxy.state));
  out.set_version(proxy.version);
  out.set_boot_unix_us(unix_us(proxy.boot));
  out.set_last_seen_unix_us(unix_us(proxy.last_seen));
  out.set_active(proxy.active);
  out.set_started(proxy.started);
  out.set_ended(proxy.ended);
  out.set_lost(proxy.lost);
  out.set_gap_ended(proxy.gap_ended);
  out.set_undeclared_gaps(proxy.undeclared_gaps);
  out.set_buffered_bytes(proxy.buffered_bytes);
  out.set_dropped_progress(proxy.dropped_progress);
  out.set_rejections_unlisted(proxy.rejections_unlisted);
  out.set_implausible_numbers(proxy.implausible_numbers);
}

void encode(const Trace& trace, v1::Trace& out) {
  out.set_seq(trace.seq);
  if (trace.proxy) out.set_proxy(*trace.proxy);
  out.set_ended_unix_us(unix_us(trace.ended_at));
  vdm::encode(trace.ended, *out.mutable_ended());
}

void encode(const Counters& counters, v1::Counters& out) {
  out.set_requests(counters.requests);
  out.set_errors(counters.errors);
  out.set_input_tokens(counters.input_tokens);
  out.set_output_tokens(counters.output_tokens);
  out.set_cache_read_tokens(counters.cache_read_tokens);
  out.set_cache_creation_tokens(counters.cache_creation_tokens);
  out.set_tool_uses(counters.tool_uses);
  out.set_tool_results(counters.tool_results);
  out.set_tool_calls(counters.tool_calls);
  out.set_duration_us_sum(to_us(counters.duration_sum));
  out.set_duration_count(counters.duration_count);
  out.set_reasoning_tokens(counters.reasoning_tokens);
  out.set_cancelled(counters.cancelled);
  out.set_lost(counters.lost);
  out.set_model_mismatches(counters.model_mismatches);
}

}  // namespace vdm::metrics
