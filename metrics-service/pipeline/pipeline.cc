#include "metrics-service/pipeline/pipeline.h"

#include <utility>

namespace vdm::metrics {

Pipeline::Pipeline(Tracker& tracker, EventLog& log, const Clock& clock)
    : tracker_(tracker), log_(log), clock_(clock) {}

void Pipeline::on_change(std::function<void()> listener) {
  listeners_.push_back(std::move(listener));
}

ClockPair Pipeline::now() const {
  return ClockPair{clock_.monotonic(), std::chrono::floor<Micros>(clock_.wall())};
}

HelloReply Pipeline::hello(const ProxyHello& hello) {
  const HelloReply reply = tracker_.hello(hello, now());
  if (reply.is_of_another) return reply;
  log_.resume(hello.instance_id);
  keep_secret(hello);
  changed();
  return reply;
}

/// Kept before any event, so that a restart of this service is no chance to take the instance over.
void Pipeline::keep_secret(const ProxyHello& hello) {
  if (hello.secret.kind != InstanceSecret::Kind::Hash) return;
  LogBatch batch;
  batch.instance_id = hello.instance_id;
  batch.proxy = hello.proxy_name;
  batch.secret = hello.secret;
  log_.append(std::move(batch), nullptr);
}

bool Pipeline::report(std::string_view instance_id, std::uint64_t first_seq,
                      const std::vector<Event>& events,
                      std::function<void(std::uint64_t)> on_committed) {
  const ClockPair now = this->now();
  const std::uint64_t last_seq = tracker_.apply(instance_id, first_seq, events, now);
  // Rows that the tracker already knows are appended again, since the log may have refused them
  // before.
  LogBatch batch = rows_of(instance_id, first_seq, events, now);
  batch.watermark = last_seq;
  auto committed = [this, id = std::string(instance_id), last_seq, on = std::move(on_committed)] {
    tracker_.committed(id, last_seq);
    if (on) on(last_seq);
  };
  const AppendResult appended = log_.append(std::move(batch), std::move(committed));
  changed();
  return appended != AppendResult::Resend;
}

LogBatch Pipeline::rows_of(std::string_view instance_id, std::uint64_t first_seq,
                           const std::vector<Event>& events, ClockPair now) const {
  LogBatch batch;
  batch.instance_id = instance_id;
  batch.proxy = tracker_.proxy_name(instance_id);
  batch.secret = tracker_.secret_of(instance_id);
  const auto instance = std::make_shared<const std::string>(batch.instance_id);
  const auto proxy = std::make_shared<const std::string>(batch.proxy);
  std::uint64_t seq = first_seq;
  for (const Event& event : events) {
    LiveEvent row;
    row.seq = seq;
    row.proxy = proxy;
    row.instance_id = instance;
    row.applied = now.wall;
    if (const auto* ended = std::get_if<Ended>(&event)) {
      row.facts = ended->facts;
      row.kind = *ended;
    } else if (const auto* gap = std::get_if<Gap>(&event)) {
      row.kind = *gap;
      seq = std::max(seq, gap->to_seq);
    }
    ++seq;
    if (std::holds_alternative<Started>(row.kind)) continue;  // history keeps only Ended and Gap
    batch.rows.push_back(std::make_shared<const LiveEvent>(std::move(row)));
  }
  return batch;
}

void Pipeline::keep_losses() {
  LogBatch batch;
  for (const LiveEventPtr& event : tracker_.events_after(losses_kept_to_).events) {
    if (std::holds_alternative<Lost>(event->kind)) batch.rows.push_back(event);
  }
  losses_kept_to_ = tracker_.revision();
  if (!batch.rows.empty()) log_.append(std::move(batch), nullptr);
}

bool Pipeline::heartbeat(std::string_view instance_id, const ProxyHeartbeat& heartbeat) {
  const bool asks = tracker_.heartbeat(instance_id, heartbeat, now());
  changed();
  return asks;
}

bool Pipeline::active_snapshot(std::string_view instance_id, std::uint64_t as_of_seq,
                               const std::vector<ActiveEntry>& entries) {
  const bool asks = tracker_.active_snapshot(instance_id, as_of_seq, entries, now());
  changed();
  return asks;
}

void Pipeline::left_out(std::string_view instance_id, std::uint64_t numbers) {
  tracker_.left_out(instance_id, numbers, now());
  changed();
}

bool Pipeline::goodbye(std::string_view instance_id, std::function<void()> on_committed) {
  tracker_.goodbye(instance_id, now());
  changed();  // the losses go first
  LogBatch last;
  last.instance_id = instance_id;
  last.proxy = tracker_.proxy_name(instance_id);
  last.secret = tracker_.secret_of(instance_id);
  return log_.append(std::move(last), std::move(on_committed)) == AppendResult::Accepted;
}

void Pipeline::stream_closed(std::string_view instance_id) {
  tracker_.stream_closed(instance_id, now());
  changed();
}

void Pipeline::tick() {
  tracker_.tick(now());
  tracker_.set_degraded(log_.degraded());
  changed();
}

std::uint64_t Pipeline::restore() {
  std::uint64_t rows = 0;
  const ClockPair now = this->now();
  Replay replay;
  replay.row = [&](const LiveEvent& event) {
    tracker_.restore(event, now);
    ++rows;
  };
  replay.watermark = [&](const ReplayedWatermark& mark) {
    tracker_.restore_watermark(mark.instance_id, mark.proxy, mark.seq, mark.secret);
  };
  log_.replay(replay);
  return rows;
}

void Pipeline::changed() {
  keep_losses();
  for (const auto& listener : listeners_) listener();
}

}  // namespace vdm::metrics
