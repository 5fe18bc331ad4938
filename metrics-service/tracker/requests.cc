#include "metrics-service/tracker/requests.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "metrics-service/tracker/lost_request.h"

namespace vdm::metrics {
namespace {

constexpr Micros ProgressOverdue = std::chrono::milliseconds(1500);

Micros between(MonotonicTime from, MonotonicTime to) {
  return std::max(Micros(0), std::chrono::duration_cast<Micros>(to - from));
}

}  // namespace

Requests::Requests(const TrackerOptions& options, Journal& journal)
    : options_(options),
      journal_(journal),
      totals_(options.models_max),
      closed_(options.closed_max),
      traces_(options.traces_max),
      errors_(options.errors_max) {}

ActiveRequest& Requests::open(const Source& from, const FactsPtr& facts,
                              std::uint64_t known_since) {
  Instance& instance = from.instance;
  ActiveRequest& active = active_.add(facts, instance, journal_.next());
  active.known_since = known_since;
  active.first_seen = from.now.at;
  ++instance.active;
  instance.active_hash ^= fnv1a_64(facts->request_id);
  journal_.proxies_changed();
  journal_.record(instance, from.seq, from.now.wall, facts, Started{facts});
  return active;
}

void Requests::start(const Source& from, const FactsPtr& facts, std::uint64_t known_since) {
  const std::string& id = facts->request_id;
  if (active_.contains(id) || lost_.contains(id) || closed_.contains(id)) return;
  if (full_for(from.instance)) {
    ++overflow_;  // counted as started only when its Ended arrives
    return;
  }
  const ActiveRequest& active = open(from, facts, known_since);
  ++from.instance.started;
  totals_.started(*facts, active.changed_at);
  if (Second* second = series_.at(from.now.wall, active.changed_at)) ++second->started;
}

void Requests::progress(const Source& from, const Progressed& progress) {
  ActiveRequest* const active = active_.find(progress.request_id);
  if (!active) return;
  if (active->progress &&
      (progress.elapsed < active->progress->elapsed || progress == *active->progress)) {
    return;
  }
  merge(*active, progress, from.now);
  journal_.record(*active->instance, from.seq, from.now.wall, active->facts, progress);
}

void Requests::merge(ActiveRequest& active, const Progressed& progress, ClockPair now) {
  active_.changed(active, journal_.next());
  active.progressed_at = now.at;
  if (progress.ttft && active.rate.empty()) active.rate.add(*progress.ttft, 0);
  if (progress.usage.output_tokens > 0 && progress.ttft) {
    active.rate.add(std::max(progress.elapsed, *progress.ttft), progress.usage.output_tokens);
    active_.makes_tokens(active);
  } else if (active.by_silence.is_linked()) {
    active_.makes_tokens(active);  // no new tokens, but the proxy just reported
  }
  count_tokens(active, progress.usage, now.wall, active.changed_at);
  active.progress = progress;
}

void Requests::count_tokens(ActiveRequest& active, const Usage& usage, WallTime wall,
                            std::uint64_t revision) {
  const bool more =
      usage.input_tokens > active.input_in_series || usage.output_tokens > active.output_in_series;
  Second* second = more ? series_.at(wall, revision) : nullptr;
  if (!second) return;
  // Usage is cumulative and an estimate may shrink, so only growth is added.
  if (usage.input_tokens > active.input_in_series) {
    second->input_tokens += usage.input_tokens - active.input_in_series;
    active.input_in_series = usage.input_tokens;
  }
  if (usage.output_tokens > active.output_in_series) {
    second->output_tokens += usage.output_tokens - active.output_in_series;
    active.output_in_series = usage.output_tokens;
  }
}

Requests::Settled Requests::settle(Instance& reporter, const Ended& ended, std::uint64_t revision) {
  const std::string& id = ended.facts->request_id;
  Settled settled{.instance = &reporter};
  FactsPtr started_as = ended.facts;
  if ((settled.was = active_.take(id))) {
    settled.instance = settled.was->instance;
    --settled.instance->active;
    settled.instance->active_hash ^= fnv1a_64(id);
    started_as = settled.was->facts;
  } else if (const auto missing = lost_.find(id); missing != lost_.end()) {
    settled.instance = missing->second.instance;
    started_as = missing->second.facts;
    totals_.found(*started_as, revision);
    lost_.erase(missing);
    --settled.instance->lost;
    settled.instance->unmatch_gaps();
    forget_trace(id);
  } else if (closed_.contains(id)) {
    settled.instance = nullptr;
    return settled;
  } else {
    settled.first_heard_of = true;
    ++settled.instance->started;
    totals_.started(*ended.facts, revision);
  }
  closed_.add(id);
  ++settled.instance->ended;
  totals_.ended(ended, *started_as, revision);
  return settled;
}

void Requests::end(const Source& from, const Ended& ended) {
  const std::uint64_t revision = journal_.next();
  Settled settled = settle(from.instance, ended, revision);
  if (!settled.instance) return;
  if (Second* second = series_.at(from.now.wall, revision)) {
    if (settled.first_heard_of) ++second->started;
    ++second->ended;
    if (is_error(ended.outcome)) ++second->errors;
  }
  ActiveRequest unknown;  // the series has counted none of its tokens yet
  count_tokens(settled.was ? *settled.was : unknown, ended.usage, from.now.wall, revision);
  add_trace(*settled.instance, from.now.wall, revision, ended);
  journal_.proxies_changed();
  journal_.record(*settled.instance, from.seq, from.now.wall, ended.facts, ended);
}

void Requests::lose(const Source& from, bool reconciled,
                    const std::function<bool(const std::string&, std::uint64_t)>& gone) {
  std::vector<std::string> ids;
  for (const ActiveRequest& active : from.instance.requests) {
    const std::string& id = active.facts->request_id;
    if (gone(id, active.known_since)) ids.push_back(id);
  }
  std::ranges::sort(ids);
  for (const std::string& id : ids) make_lost(id, from, reconciled);
}

void Requests::make_lost(std::string_view id, const Source& from, bool reconciled) {
  const std::unique_ptr<ActiveRequest> taken = active_.take(id);
  const ActiveRequest& active = *taken;
  Instance& instance = *active.instance;
  const std::uint64_t revision = journal_.next();
  --instance.active;
  instance.active_hash ^= fnv1a_64(active.facts->request_id);
  ++instance.lost;
  totals_.lost(*active.facts, revision);
  const Lost lost{active.facts, reconciled};
  add_trace(instance, from.now.wall, revision, as_ended(lost, view_of(active, from.now).duration));
  remember_lost(active.facts, instance);
  journal_.proxies_changed();
  journal_.record(instance, 0, from.now.wall, active.facts, lost);
}

void Requests::remember_lost(const FactsPtr& facts, Instance& instance) {
  lost_[facts->request_id] = LostRequest{facts, &instance};
  lost_order_.push_back(facts->request_id);
  while (lost_order_.size() > options_.lost_max) {
    // Closed for good: counting a later Ended would count the request twice, so it is ignored.
    if (lost_.erase(lost_order_.front()) > 0) closed_.add(lost_order_.front());
    lost_order_.pop_front();
  }
}

bool Requests::seen_active(const Source& from, const ActiveEntry& entry, std::uint64_t as_of_seq) {
  if (closed_.contains(entry.request_id)) return true;
  if (!active_.contains(entry.request_id)) {
    const auto missing = lost_.find(entry.request_id);
    const bool is_full = full_for(from.instance);
    if (missing == lost_.end() && !entry.facts) return is_full;
    if (missing == lost_.end() && is_full) {
      ++overflow_;
      return true;
    }
    const FactsPtr facts = missing == lost_.end() ? entry.facts : missing->second.facts;
    ActiveRequest& active = open(from, facts, as_of_seq);
    if (missing == lost_.end()) {
      ++from.instance.started;
      totals_.started(*facts, active.changed_at);
    } else {
      // The loss was only an assumption; the proxy's own list overrules it.
      --missing->second.instance->lost;
      missing->second.instance->unmatch_gaps();
      totals_.found(*facts, active.changed_at);
      forget_trace(entry.request_id);
      lost_.erase(missing);
    }
    active.age_then = age_of(*facts, from.now.wall);
  }
  if (entry.progress) progress(from, *entry.progress);
  return true;
}

void Requests::forget_trace(std::string_view id) {
  const auto is_of = [&](const Trace& trace) { return trace.ended.facts->request_id == id; };
  traces_.remove_first(is_of);
  if (restored_) restored_->traces.remove_first(is_of);
}

void Requests::add_trace(const Instance& instance, WallTime at, std::uint64_t revision,
                         Ended ended) {
  const bool error = is_error(ended.outcome);
  const auto trace = std::make_shared<const Trace>(Trace{.seq = ++trace_seq_,
                                                         .error_seq = error ? ++error_seq_ : 0,
                                                         .revision = revision,
                                                         .proxy = instance.proxy,
                                                         .ended_at = at,
                                                         .ended = std::move(ended)});
  traces_.add(trace);
  if (error) errors_.add(trace);
}

void Requests::let_rates_fall(ClockPair now) {
  while (ActiveRequest* const silent = active_.longest_silent()) {
    if (between(silent->progressed_at, now.at) < TokenRate::Window) return;
    active_.makes_none(*silent);
    active_.changed(*silent, journal_.next());  // the row changed without an event
  }
}

void Requests::touch_active_of(Instance& instance) {
  if (instance.requests.empty()) return;
  const std::uint64_t revision = journal_.next();
  for (ActiveRequest& active : instance.requests) active_.changed(active, revision);
}

void Requests::close_lost_of(const Instance& instance) {
  std::vector<std::string> ids;
  for (const auto& [id, lost] : lost_) {
    if (lost.instance == &instance) ids.push_back(id);
  }
  // Closed in sorted order, since the map's order differs between processes.
  std::ranges::sort(ids);
  for (const std::string& id : ids) {
    lost_.erase(id);
    closed_.add(id);
  }
}

ActiveView Requests::view_of(const ActiveRequest& active, ClockPair now) const {
  ActiveView view;
  view.facts = active.facts;
  view.progress = active.progress;
  view.proxy = *active.instance->proxy;
  view.instance_id = *active.instance->id;
  view.stale = active.instance->state != ProxyState::Connected;
  view.changed_at = active.changed_at;
  if (active.progress) {
    const Micros since = between(active.progressed_at, now.at);
    view.duration = active.progress->elapsed + since;
    if (active.progress->response_bytes > 0 || active.progress->ttft) {
      // A proxy reports twice a second while bytes arrive: only a longer pause means a silent
      // provider.
      const Micros silence = since > ProgressOverdue ? since : Micros(0);
      view.idle = active.progress->since_last_byte + silence;
    }
    view.tokens_per_second = active.rate.per_second(since);
  } else {
    view.duration = active.age_then + between(active.first_seen, now.at);
  }
  return view;
}

std::vector<ActiveView> Requests::active(std::uint64_t revision, ClockPair now) const {
  const auto found = active_.changed_after(revision);
  std::vector<ActiveView> views;
  views.reserve(found.size());
  for (const ActiveRequest* active : found) views.push_back(view_of(*active, now));
  return views;
}

std::optional<ActiveView> Requests::oldest_active(ClockPair now) const {
  const ActiveRequest* const oldest = active_.oldest();
  return oldest ? std::optional(view_of(*oldest, now)) : std::nullopt;
}

std::optional<ActiveView> Requests::find_active(std::string_view id, ClockPair now) const {
  const ActiveRequest* const active = active_.find(id);
  return active ? std::optional(view_of(*active, now)) : std::nullopt;
}

std::vector<TracePtr> Requests::traces(std::size_t limit, std::uint64_t after_seq) const {
  return traces_.take_while(limit, [&](const Trace& trace) { return trace.seq > after_seq; });
}

std::vector<TracePtr> Requests::errors(std::size_t limit, std::uint64_t after_seq) const {
  return errors_.take_while(limit, [&](const Trace& trace) { return trace.error_seq > after_seq; });
}

std::vector<TracePtr> Requests::traces_changed_after(std::uint64_t revision) const {
  return traces_.take_while(options_.traces_max,
                            [&](const Trace& trace) { return trace.revision > revision; });
}

std::vector<TracePtr> Requests::errors_changed_after(std::uint64_t revision) const {
  return errors_.take_while(options_.errors_max,
                            [&](const Trace& trace) { return trace.revision > revision; });
}

}  // namespace vdm::metrics
