#include "metrics-service/tracker/tracker.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <utility>

#include "metrics-service/tracker/tracker_state.h"
#include "proto/contract/event_codec.h"

namespace vdm::metrics {
namespace {

using namespace std::chrono_literals;

/// A longer time between two ticks means that this service was suspended or starved.
constexpr auto OwnPause = 2s;
/// A proxy is asked for a snapshot at most this often.
constexpr auto AskAgain = 2s;

/// Buffered bytes are reported in steps: 64 KiB, 128 KiB, 256 KiB, …
int step_of(std::uint64_t bytes) { return static_cast<int>(std::bit_width(bytes >> 16)); }

}  // namespace

Instance& Tracker::State::instance(std::string_view id) {
  if (const auto at = instances.find(id); at != instances.end()) return at->second;
  if (instances.size() >= options.instances_max) forget_one();
  Instance& made = instances.try_emplace(std::string(id)).first->second;
  made.id = std::make_shared<const std::string>(id);
  made.proxy = std::make_shared<const std::string>(id.substr(0, 12));
  made.order = ++arrivals;
  return made;
}

/// Forgets the Gone instance that has been silent longest. Without one the table stays over its
/// limit.
void Tracker::State::forget_one() {
  auto oldest = instances.end();
  for (auto at = instances.begin(); at != instances.end(); ++at) {
    if (at->second.state != ProxyState::Gone || at->second.active > 0) continue;
    const auto age = [](const Instance& i) { return std::pair(i.last_heard, i.order); };
    if (oldest == instances.end() || age(at->second) < age(oldest->second)) oldest = at;
  }
  if (oldest == instances.end()) return;
  requests.close_lost_of(oldest->second);
  forgotten.started += oldest->second.started;
  forgotten.ended += oldest->second.ended;
  forgotten.lost += oldest->second.lost;
  instances.erase(oldest);
}

void Tracker::State::heard(Instance& instance, ClockPair now) {
  instance.last_heard = now.at;
  instance.last_seen = now.wall;
  instance.seen_live = true;
  if (instance.state != ProxyState::Connected) set_state(instance, ProxyState::Connected, now);
}

void Tracker::State::set_state(Instance& instance, ProxyState state, ClockPair now) {
  instance.state = state;
  requests.touch_active_of(instance);
  journal.next();
  journal.record(instance, 0, now.wall, nullptr, instance.view());
}

/// Hides the row of an instance that has been Gone for long; its requests stay counted.
void Tracker::State::hide(Instance& instance) {
  instance.seen_live = false;
  journal.next();
  journal.proxies_changed();
  journal.structure_changed();
}

void Tracker::State::reconcile_if_due(Instance& instance, ClockPair now) {
  // Ended events that the snapshot already reflects may still be on their way.
  if (!instance.reconcile || instance.seqs.highest() < instance.reconcile->as_of_seq) return;
  const Instance::Reconcile listed = std::move(*instance.reconcile);
  instance.reconcile.reset();
  requests.lose({instance, 0, now}, true, [&](const std::string& id, std::uint64_t known_since) {
    return known_since <= listed.as_of_seq && !listed.ids.contains(id);
  });
  if (!instance.match_gaps()) return;
  journal.next();
  journal.record(instance, 0, now.wall, nullptr, instance.view());
}

void Tracker::State::apply_gap(Instance& instance, const Gap& gap, std::uint64_t seq,
                               ClockPair now) {
  instance.gap_declared += gap.ended_count;
  instance.match_gaps();
  journal.next();
  journal.proxies_changed();
  journal.record(instance, seq, now.wall, nullptr, gap);
}

void Tracker::State::note_holes(Instance& instance, std::uint64_t missing_before, ClockPair now) {
  if (instance.seqs.missing() == missing_before) return;
  journal.next();
  journal.record(instance, 0, now.wall, nullptr, instance.view());
}

Tracker::Tracker(TrackerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Tracker::~Tracker() = default;

HelloReply Tracker::hello(const ProxyHello& hello, ClockPair now) {
  if (secret_of(hello.instance_id).differs_from(hello.secret)) return {.is_of_another = true};
  Instance& instance = state_->instance(hello.instance_id);
  instance.secret = hello.secret;
  instance.session = hello.session;
  if (!hello.proxy_name.empty()) {
    instance.proxy = std::make_shared<const std::string>(hello.proxy_name);
  }
  instance.version = hello.version;
  instance.boot = hello.boot;
  instance.dropped = hello.dropped;
  instance.oldest_unacked = hello.oldest_unacked_seq;
  if (instance.open_start && instance.seqs.untouched() && hello.oldest_unacked_seq > 0) {
    // A service whose history we do not have acknowledged the earlier numbers.
    instance.seqs.start_after(hello.oldest_unacked_seq - 1);
    instance.open_start = false;
  }
  instance.reconcile.reset();
  instance.asked_snapshot.reset();
  instance.last_heard = now.at;
  instance.last_seen = now.wall;
  instance.seen_live = true;
  state_->set_state(instance, ProxyState::Connected, now);
  return HelloReply{.last_committed_seq = instance.committed};
}

std::uint64_t Tracker::apply(std::string_view instance_id, std::uint64_t first_seq,
                             const std::vector<Event>& events, ClockPair now,
                             std::vector<std::uint64_t>* repeated) {
  State& state = *state_;
  Instance& instance = state.instance(instance_id);
  state.heard(instance, now);
  if (state.since == WallTime{}) state.since = now.wall;
  if (std::exchange(instance.open_start, false) && instance.seqs.untouched()) {
    instance.seqs.start_after(first_seq - 1);
  }
  const std::uint64_t missing_before = instance.seqs.missing();
  std::uint64_t seq = first_seq;
  for (const Event& event : events) {
    if (const auto* gap = std::get_if<Gap>(&event)) {
      const std::uint64_t from = std::min(gap->from_seq, seq);
      const std::uint64_t to = std::max(gap->to_seq, seq);
      if (instance.seqs.take(from, to)) {
        state.apply_gap(instance, *gap, seq, now);
      } else if (repeated) {
        repeated->push_back(seq);
      }
      seq = to + 1;
      continue;
    }
    const Requests::Source from{instance, seq, now};
    if (instance.seqs.take(seq, seq)) {
      if (const auto* started = std::get_if<Started>(&event)) {
        state.requests.start(from, started->facts, seq);
      } else if (const auto* progressed = std::get_if<Progressed>(&event)) {
        state.requests.progress(from, *progressed);
      } else if (const auto* ended = std::get_if<Ended>(&event)) {
        state.requests.end(from, *ended);
      }
    } else if (repeated) {
      repeated->push_back(seq);
    }
    ++seq;
  }
  state.note_holes(instance, missing_before, now);
  state.reconcile_if_due(instance, now);
  return seq - 1;
}

bool Tracker::heartbeat(std::string_view instance_id, const ProxyHeartbeat& heartbeat,
                        ClockPair now) {
  State& state = *state_;
  Instance& instance = state.instance(instance_id);
  state.heard(instance, now);
  const bool shows = step_of(instance.buffered_bytes) != step_of(heartbeat.buffered_bytes) ||
                     instance.dropped != heartbeat.dropped ||
                     instance.rejections_unlisted != heartbeat.rejections_unlisted;
  instance.buffered_bytes = heartbeat.buffered_bytes;
  instance.dropped = heartbeat.dropped;
  instance.rejections_unlisted = heartbeat.rejections_unlisted;
  if (shows) {
    state.journal.next();
    state.journal.record(instance, 0, now.wall, nullptr, instance.view());
  }
  const bool comparable = heartbeat.as_of_seq == instance.seqs.highest() && !instance.reconcile &&
                          !state.requests.full_for(instance);
  const bool same =
      heartbeat.active_count == instance.active && heartbeat.active_hash == instance.active_hash;
  if (!comparable || same) return false;
  if (instance.asked_snapshot && now.at - *instance.asked_snapshot < AskAgain) return false;
  instance.asked_snapshot = now.at;
  return true;
}

bool Tracker::active_snapshot(std::string_view instance_id, std::uint64_t as_of_seq,
                              const std::vector<ActiveEntry>& entries, ClockPair now) {
  State& state = *state_;
  Instance& instance = state.instance(instance_id);
  state.heard(instance, now);
  Instance::Reconcile listed{.as_of_seq = as_of_seq, .ids = {}};
  bool all_known = true;
  for (const ActiveEntry& entry : entries) {
    listed.ids.insert(entry.request_id);
    all_known &= state.requests.seen_active({instance, 0, now}, entry, as_of_seq);
  }
  instance.reconcile = std::move(listed);
  state.reconcile_if_due(instance, now);
  return !all_known;
}

void Tracker::left_out(std::string_view instance_id, std::uint64_t numbers, ClockPair now) {
  Instance& instance = state_->instance(instance_id);
  instance.implausible_numbers += numbers;
  state_->journal.next();
  state_->journal.record(instance, 0, now.wall, nullptr, instance.view());
}

void Tracker::tick(ClockPair now) {
  State& state = *state_;
  const auto pause = state.last_tick ? now.at - *state.last_tick : MonotonicTime::duration(0);
  state.last_tick = now.at;
  for (auto& [id, instance] : state.instances) {
    if (instance.state == ProxyState::Gone) {
      const bool outdated = now.at - instance.last_heard > state.options.gone_shown;
      if (instance.seen_live && outdated) state.hide(instance);
      continue;
    }
    // A proxy has had no time yet to come back, and how its requests ended may be in history.
    if (state.restoring && instance.state != ProxyState::Connected) instance.last_heard = now.at;
    // While this service was paused it received nothing; the proxy was not silent.
    if (pause > OwnPause) instance.last_heard = std::min(now.at, instance.last_heard + pause);
    if (now.at - instance.last_heard <= state.options.lease) continue;
    state.let_go(instance, now);
  }
  state.requests.let_rates_fall(now);
}

void Tracker::set_degraded(std::vector<std::string> reasons) {
  if (reasons == state_->degraded) return;
  state_->degraded = std::move(reasons);
  state_->degraded_changed_at = state_->journal.next();
  state_->journal.structure_changed();
}

void Tracker::committed(std::string_view instance_id, std::uint64_t seq) {
  Instance& instance = state_->instance(instance_id);
  instance.committed = std::max(instance.committed, seq);
}

const std::string& Tracker::epoch() const { return state_->options.epoch; }
std::uint64_t Tracker::revision() const { return state_->journal.revision(); }
std::uint64_t Tracker::structure_revision() const { return state_->journal.structure_revision(); }
std::uint64_t Tracker::told() const { return state_->journal.told(); }
std::uint64_t Tracker::oldest_revision() const { return state_->journal.ring().oldest_revision(); }
std::uint64_t Tracker::events_up_to(std::uint64_t revision) const {
  return state_->journal.ring().events_up_to(revision, told());
}
std::uint64_t Tracker::missed(std::optional<std::uint64_t> told, std::uint64_t revision) const {
  const std::uint64_t then = events_up_to(revision);
  return told && *told < then ? then - *told : 0;
}
void Tracker::begin(std::uint64_t position) { state_->journal.begin(position); }
void Tracker::set_epoch(std::string epoch) { state_->options.epoch = std::move(epoch); }
std::uint64_t Tracker::take_revision() { return state_->journal.next(); }
std::vector<LiveEventPtr> Tracker::take_kept() { return state_->journal.take_kept(); }
WallTime Tracker::since() const { return state_->since; }

std::vector<ActiveView> Tracker::active(ClockPair now) const {
  return state_->requests.active(0, now);
}
std::vector<ActiveView> Tracker::active_changed_after(std::uint64_t revision, ClockPair now) const {
  return state_->requests.active(revision, now);
}
std::optional<ActiveView> Tracker::oldest_active(ClockPair now) const {
  return state_->requests.oldest_active(now);
}
bool Tracker::is_active(std::string_view request_id) const {
  return state_->requests.is_active(request_id);
}
std::optional<ActiveView> Tracker::find_active(std::string_view request_id, ClockPair now) const {
  return state_->requests.find_active(request_id, now);
}
const Totals& Tracker::totals() const { return state_->requests.totals(); }
const Series& Tracker::series() const { return state_->requests.series(); }
std::vector<TracePtr> Tracker::traces(std::size_t limit, std::uint64_t after_seq) const {
  return state_->requests.traces(limit, after_seq);
}
std::vector<TracePtr> Tracker::errors(std::size_t limit, std::uint64_t after_seq) const {
  return state_->requests.errors(limit, after_seq);
}
std::vector<TracePtr> Tracker::traces_changed_after(std::uint64_t revision) const {
  return state_->requests.traces_changed_after(revision);
}
std::vector<TracePtr> Tracker::errors_changed_after(std::uint64_t revision) const {
  return state_->requests.errors_changed_after(revision);
}
std::uint64_t Tracker::rows_visited() const { return state_->requests.rows_visited(); }
std::uint64_t Tracker::proxies_changed_at() const { return state_->journal.proxies_changed_at(); }
const std::vector<std::string>& Tracker::degraded() const { return state_->degraded; }
std::uint64_t Tracker::degraded_changed_at() const { return state_->degraded_changed_at; }
std::uint64_t Tracker::active_overflow() const { return state_->requests.overflow(); }

std::string Tracker::proxy_name(std::string_view instance_id) const {
  const auto at = state_->instances.find(instance_id);
  return at == state_->instances.end() ? std::string(instance_id.substr(0, 12)) : *at->second.proxy;
}

InstanceSecret Tracker::secret_of(std::string_view instance_id) const {
  const auto at = state_->instances.find(instance_id);
  return at == state_->instances.end() ? InstanceSecret() : at->second.secret;
}

std::uint64_t Tracker::first_seq_most(std::string_view instance_id) const {
  const auto at = state_->instances.find(instance_id);
  if (at == state_->instances.end()) return CountMax;
  const Instance& instance = at->second;
  if (instance.open_start && instance.seqs.untouched()) return CountMax;
  return std::max(instance.seqs.highest() + 1, instance.oldest_unacked);
}

std::vector<ProxyView> Tracker::proxies() const {
  // A process that is Gone is not shown once a newer process of the same proxy is known.
  std::map<std::string, std::uint64_t> newest;
  for (const auto& [id, instance] : state_->instances) {
    if (!instance.seen_live) continue;
    std::uint64_t& order = newest[*instance.proxy];
    order = std::max(order, instance.order);
  }
  std::vector<ProxyView> views;
  for (const auto& [id, instance] : state_->instances) {
    if (!instance.seen_live) continue;
    if (instance.state == ProxyState::Gone && instance.order < newest[*instance.proxy]) continue;
    views.push_back(instance.view());
  }
  std::ranges::sort(views, [](const ProxyView& a, const ProxyView& b) {
    return std::tie(a.proxy, a.instance_id) < std::tie(b.proxy, b.instance_id);
  });
  return views;
}

Counts Tracker::counts() const {
  Counts counts = state_->forgotten;
  for (const auto& [id, instance] : state_->instances) {
    counts.started += instance.started;
    counts.ended += instance.ended;
    counts.lost += instance.lost;
    counts.active += instance.active;
  }
  return counts;
}

Continuation Tracker::events_after(std::string_view text) const {
  const auto cursor = Cursor::parse(text);
  if (!cursor) return Continuation{.events = {}, .reset_reason = "malformed", .lost = 0};
  if (cursor->epoch != epoch() || cursor->revision > revision()) {
    return Continuation{.events = {}, .reset_reason = "epoch", .lost = 0};
  }
  Continuation found = events_after(cursor->revision);
  if (!found.reset_reason.empty()) found.lost = missed(cursor->told, oldest_revision());
  return found;
}

Continuation Tracker::events_after(std::uint64_t after) const {
  const EventRing& ring = state_->journal.ring();
  if (after < ring.oldest_revision()) return {.events = {}, .reset_reason = "too_old", .lost = 0};
  return Continuation{.events = ring.after(after), .reset_reason = "", .lost = 0};
}

}  // namespace vdm::metrics
