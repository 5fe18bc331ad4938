#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "metrics-service/tracker/contract_fields.h"
#include "metrics-service/tracker/tracker.h"
#include "metrics-service/tracker/tracker_state.h"

// What the tracker takes from history and checkpoints, and what it writes into them.

namespace vdm::metrics {
namespace {

/// The most that a running request ages while no process of this service lives: a wall clock that
/// was set meanwhile says anything.
constexpr Micros AwayMax = std::chrono::hours(24);

}  // namespace

template <>
struct Fields<Counts> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.started);
    archive(2, self.ended);
    archive(3, self.lost);
  }
};

void Tracker::save(WireBuffer& out, ClockPair now) const {
  StateWriter archive(out, now.at);
  const State& state = *state_;
  archive(1, now.wall);
  archive(2, state.journal);
  archive(3, state.arrivals);
  archive(4, state.forgotten);
  archive(5, state.since);
  for (const auto& [id, instance] : state.instances) {
    archive.message(6, [&, &instance = instance] { Instance::list_fields(instance, archive); });
  }
  archive.message(7, [&] { state.requests.save(archive); });
  archive(8, state.last_tick);
}

bool Tracker::load(std::string_view bytes, ClockPair now) {
  auto fresh = std::make_unique<State>(state_->options);
  State& state = *fresh;
  WallTime saved{};
  StateReader(bytes, now.at)(1, saved);
  const Micros away = std::clamp(now.wall - saved, Micros(0), AwayMax);
  StateReader archive(bytes, now.at - away);
  archive(2, state.journal);
  archive(3, state.arrivals);
  archive(4, state.forgotten);
  archive(5, state.since);
  bool whole = true;
  archive.each(6, [&](StateReader& row) {
    Instance read;
    Instance::list_fields(read, row);
    if (!read.id || !read.proxy || state.instances.contains(*read.id)) {
      whole = false;
      return;
    }
    const std::string id = *read.id;
    state.instances.try_emplace(id, std::move(read));
  });
  archive.each(7, [&](StateReader& requests) {
    whole &= state.requests.load(requests, [&](std::string_view id) -> Instance* {
      const auto at = state.instances.find(id);
      return at == state.instances.end() ? nullptr : &at->second;
    });
  });
  archive(8, state.last_tick);
  if (!whole || !archive.ok()) return false;
  state.journal.begin_ring();
  state_ = std::move(fresh);
  return true;
}

void Tracker::restart(std::uint64_t position, std::uint64_t told, ClockPair now) {
  State& state = *state_;
  state.journal.begin(position);
  state.journal.resume_count(told);
  (void)state.journal.next();
  state.journal.begin_ring();
  state.restoring = true;
  state.last_tick.reset();
  state.requests.begin_restore();
  for (auto& [id, instance] : state.instances) {
    instance.session = 0;
    if (instance.state == ProxyState::Gone) continue;
    instance.state = ProxyState::Stale;
    instance.last_heard = now.at;
  }
}

void Tracker::restore(const LiveEvent& event, ClockPair) {
  Instance& instance = state_->instance(*event.instance_id);
  instance.proxy = event.proxy;
  state_->count_from(event.applied);
  if (const auto* ended = std::get_if<Ended>(&event.kind)) {
    state_->requests.restore_ended(instance, *ended, event.applied);
  } else if (const auto* lost = std::get_if<Lost>(&event.kind)) {
    state_->requests.restore_lost(instance, *lost, event.applied);
    if (lost->reconciled) instance.match_gaps();
  } else if (const auto* gap = std::get_if<Gap>(&event.kind)) {
    instance.gap_declared += gap->ended_count;
    instance.match_gaps();
  }
}

void Tracker::restore_watermark(std::string_view instance_id, std::string_view proxy,
                                std::uint64_t seq, const InstanceSecret& secret) {
  Instance& instance = state_->instance(instance_id);
  if (!proxy.empty()) instance.proxy = std::make_shared<const std::string>(proxy);
  if (secret.kind != InstanceSecret::Kind::Unknown) instance.secret = secret;
  if (seq == 0) return;  // it only said Hello
  instance.seqs.start_after(seq);
  instance.committed = std::max(instance.committed, seq);
  instance.open_start = false;
}

void Tracker::finish_restore(ClockPair now) {
  State& state = *state_;
  if (!std::exchange(state.restoring, false)) return;
  state.requests.finish_restore();
  state.journal.proxies_changed();
  state.journal.structure_changed();
  for (auto& [id, instance] : state.instances) {
    if (instance.state == ProxyState::Stale) instance.last_heard = now.at;
  }
}

bool Tracker::restoring() const { return state_->restoring; }

std::vector<Tracker::Watermark> Tracker::watermarks() const {
  std::vector<Watermark> all;
  for (const auto& [id, instance] : state_->instances) {
    if (instance.committed == 0) continue;
    all.push_back({.instance_id = id, .committed_seq = instance.committed});
  }
  return all;
}

}  // namespace vdm::metrics
