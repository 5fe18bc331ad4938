#include "metrics-service/pipeline/pipeline.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/log.h"

namespace vdm::metrics {
namespace {

constexpr auto CheckpointEvery = std::chrono::seconds(60);
constexpr const char* Restoring = "history is being read: the totals are not whole yet";

/// A row for an event that the tracker had been told before: history may have refused it then.
LiveEventPtr repeated_row(const Event& event, std::uint64_t seq, const LiveEvent& of_instance,
                          std::uint64_t revision) {
  LiveEvent row = of_instance;
  row.revision = revision;
  row.seq = seq;
  if (const auto* ended = std::get_if<Ended>(&event)) {
    row.facts = ended->facts;
    row.kind = *ended;
  } else {
    row.kind = std::get<Gap>(event);
  }
  return std::make_shared<const LiveEvent>(std::move(row));
}

}  // namespace

Pipeline::Pipeline(Tracker& tracker, EventLog& log, HistoryStore& store, const Clock& clock)
    : tracker_(tracker),
      log_(log),
      store_(store),
      clock_(clock),
      checkpoint_at_(clock.monotonic() + CheckpointEvery) {
  log_.on_entry([this](const EntryPlace& place, const Input& input) { return fold(place, input); });
}

void Pipeline::on_change(std::function<void()> listener) {
  listeners_.push_back(std::move(listener));
}

ClockPair Pipeline::now() const {
  return ClockPair{clock_.monotonic(), std::chrono::floor<Micros>(clock_.wall())};
}

Pipeline::Effect Pipeline::tell(const Input& input) {
  log_.propose(input);
  return std::exchange(effect_, {});
}

std::uint64_t Pipeline::fold(const EntryPlace& place, const Input& input) {
  if (tracker_.epoch() != log_.epoch()) tracker_.set_epoch(log_.epoch());
  tracker_.begin(place.position);
  if (const auto* opened = std::get_if<SessionOpened>(&input)) {
    effect_.hello = tracker_.hello(opened->hello, place.at);
  } else if (const auto* batch = std::get_if<ReportedBatch>(&input)) {
    effect_ = apply(*batch, place.at);
  } else if (const auto* beat = std::get_if<ReportedHeartbeat>(&input)) {
    effect_.asks_snapshot = tracker_.heartbeat(beat->instance_id, beat->heartbeat, place.at);
  } else if (const auto* list = std::get_if<ReportedSnapshot>(&input)) {
    effect_.asks_snapshot =
        tracker_.active_snapshot(list->instance_id, list->as_of_seq, list->entries, place.at);
  } else if (const auto* out = std::get_if<NumbersLeftOut>(&input)) {
    tracker_.left_out(out->instance_id, out->numbers, place.at);
  } else if (const auto* closed = std::get_if<SessionClosed>(&input)) {
    tracker_.stream_closed(closed->instance_id, place.at, closed->session);
  } else if (const auto* gone = std::get_if<ProcessGone>(&input)) {
    tracker_.goodbye(gone->instance_id, place.at);
  } else {
    tracker_.tick(place.at);
  }
  std::vector<LiveEventPtr> kept = tracker_.take_kept();
  if (effect_.rows.empty()) {
    effect_.rows = std::move(kept);
  } else {  // repeated ones come last, as their revisions do
    effect_.rows.insert(effect_.rows.begin(), kept.begin(), kept.end());
  }
  return tracker_.revision();
}

Pipeline::Effect Pipeline::apply(const ReportedBatch& batch, ClockPair at) {
  Effect effect;
  std::vector<std::uint64_t> repeated;
  effect.last_seq = tracker_.apply(batch.instance_id, batch.first_seq, batch.events, at, &repeated);
  if (repeated.empty()) return effect;
  LiveEvent of_instance;
  of_instance.proxy = std::make_shared<const std::string>(tracker_.proxy_name(batch.instance_id));
  of_instance.instance_id = std::make_shared<const std::string>(batch.instance_id);
  of_instance.applied = at.wall;
  std::uint64_t seq = batch.first_seq;
  for (const Event& event : batch.events) {
    const auto* gap = std::get_if<Gap>(&event);
    const bool is_kept_kind = gap || std::holds_alternative<Ended>(event);
    if (is_kept_kind && std::ranges::binary_search(repeated, seq)) {
      repeated_to_ = tracker_.take_revision();
      effect.rows.push_back(repeated_row(event, seq, of_instance, repeated_to_));
    }
    seq = gap ? std::max(gap->to_seq, seq) + 1 : seq + 1;
  }
  return effect;
}

HelloReply Pipeline::hello(const ProxyHello& hello) {
  Effect effect = tell(SessionOpened{hello});
  if (effect.hello.is_of_another) return effect.hello;
  store_.resume(hello.instance_id);
  keep_secret(hello);
  keep_rows(std::move(effect.rows));
  changed();
  return effect.hello;
}

/// Kept before any event, so that a restart of this service is no chance to take the instance over.
void Pipeline::keep_secret(const ProxyHello& hello) {
  if (hello.secret.kind != InstanceSecret::Kind::Hash) return;
  LogBatch batch;
  batch.instance_id = hello.instance_id;
  batch.proxy = hello.proxy_name;
  batch.secret = hello.secret;
  append(std::move(batch), nullptr);
}

bool Pipeline::report(std::string_view instance_id, std::uint64_t first_seq,
                      const std::vector<Event>& events,
                      std::function<void(std::uint64_t)> on_committed) {
  Effect effect = tell(ReportedBatch{instance_id, first_seq, events});
  LogBatch batch;
  batch.instance_id = instance_id;
  batch.proxy = tracker_.proxy_name(instance_id);
  batch.secret = tracker_.secret_of(instance_id);
  batch.watermark = effect.last_seq;
  batch.rows = std::move(effect.rows);
  auto committed = [this, id = batch.instance_id, last_seq = effect.last_seq,
                    on = std::move(on_committed)] {
    tracker_.committed(id, last_seq);
    if (on) on(last_seq);
  };
  const AppendResult appended = append(std::move(batch), std::move(committed));
  changed();
  return appended != AppendResult::Resend;
}

void Pipeline::keep_rows(std::vector<LiveEventPtr> rows) {
  if (rows.empty()) return;
  LogBatch batch;
  batch.rows = std::move(rows);
  append(std::move(batch), nullptr);
}

AppendResult Pipeline::append(LogBatch batch, std::function<void()> on_committed) {
  const std::uint64_t last = batch.rows.empty() ? 0 : batch.rows.back()->revision;
  const std::string id = batch.instance_id;
  batch.told = tracker_.told();
  auto committed = [this, last, on = std::move(on_committed)] {
    committed_to_ = std::max(committed_to_, last);
    if (on) on();
  };
  const AppendResult result = store_.append(std::move(batch), std::move(committed));
  if (result == AppendResult::Accepted) {
    appended_to_ = std::max(appended_to_, last);
    if (!behind_.empty()) behind_.erase(id);
  } else if (last > 0) {
    behind_.insert(id);
  }
  return result;
}

bool Pipeline::heartbeat(std::string_view instance_id, const ProxyHeartbeat& heartbeat) {
  Effect effect = tell(ReportedHeartbeat{instance_id, heartbeat});
  keep_rows(std::move(effect.rows));
  changed();
  return effect.asks_snapshot;
}

bool Pipeline::active_snapshot(std::string_view instance_id, std::uint64_t as_of_seq,
                               const std::vector<ActiveEntry>& entries) {
  Effect effect = tell(ReportedSnapshot{instance_id, as_of_seq, entries});
  keep_rows(std::move(effect.rows));
  changed();
  return effect.asks_snapshot;
}

void Pipeline::left_out(std::string_view instance_id, std::uint64_t numbers) {
  tell(NumbersLeftOut{instance_id, numbers});
  changed();
}

bool Pipeline::goodbye(std::string_view instance_id, std::function<void()> on_committed) {
  keep_rows(tell(ProcessGone{instance_id}).rows);  // the losses go first
  changed();
  LogBatch last;
  last.instance_id = instance_id;
  last.proxy = tracker_.proxy_name(instance_id);
  last.secret = tracker_.secret_of(instance_id);
  return append(std::move(last), std::move(on_committed)) == AppendResult::Accepted;
}

void Pipeline::stream_closed(std::string_view instance_id, std::uint64_t session) {
  tell(SessionClosed{instance_id, session});
  changed();
}

void Pipeline::tick() {
  keep_rows(tell(ClockTick{}).rows);
  std::vector<std::string> reasons = store_.degraded();
  if (tracker_.restoring()) reasons.emplace_back(Restoring);
  tracker_.set_degraded(std::move(reasons));
  if (clock_.monotonic() >= checkpoint_at_) keep_checkpoint();
  changed();
}

void Pipeline::keep_checkpoint() {
  checkpoint_at_ = clock_.monotonic() + CheckpointEvery;
  // A part of history that was not read yet would be missing from the state for good.
  if (tracker_.restoring() || !behind_.empty()) return;
  if (tracker_.revision() == checkpoint_revision_) return;
  checkpoint_revision_ = tracker_.revision();
  WireBuffer state;
  tracker_.save(state, now());
  store_.keep({.revision = checkpoint_revision_, .state = std::string(state.bytes())});
}

void Pipeline::restore(const HistoryStart& start, std::function<void(std::uint64_t)> restored) {
  const ClockPair now = this->now();
  std::optional<Checkpoint> from;
  std::uint64_t below = std::numeric_limits<std::uint64_t>::max();
  while ((from = store_.checkpoint(below)) && !tracker_.load(from->state, now)) {
    log::warning("checkpoint left out", {{"revision", std::to_string(from->revision)},
                                         {"why", "it is no state of the tracker"}});
    below = from->revision;
  }
  tracker_.restart(start.block.first, start.told, now);
  const Checkpoint* const base = from ? &*from : nullptr;
  for (const StoredWatermark& mark : store_.watermarks(base)) {
    tracker_.restore_watermark(mark.instance_id, mark.proxy, mark.seq, mark.secret);
  }
  for (const Tracker::Watermark& mark : tracker_.watermarks()) {
    store_.stored_before(mark.instance_id, mark.committed_seq);
  }
  store_.restore(base, {.rows =
                            [this](const std::vector<LiveEventPtr>& rows) {
                              const ClockPair at = this->now();
                              for (const LiveEventPtr& row : rows) tracker_.restore(*row, at);
                              restored_rows_ += rows.size();
                            },
                        .done =
                            [this, restored = std::move(restored)] {
                              tracker_.finish_restore(this->now());
                              if (restored) restored(restored_rows_);
                              changed();
                            }});
}

std::optional<std::uint64_t> Pipeline::history_last() const {
  const std::uint64_t last = std::max(tracker_.oldest_revision(), repeated_to_);
  const bool is_committed = committed_to_ >= appended_to_ || committed_to_ >= last;
  return is_committed ? std::optional(last) : std::nullopt;
}

void Pipeline::read_history(std::uint64_t revision, std::uint64_t last,
                            std::function<void(HistoryPage)> on_page) {
  store_.read(revision, last, std::move(on_page));
}

void Pipeline::changed() {
  for (const auto& listener : listeners_) listener();
}

}  // namespace vdm::metrics
