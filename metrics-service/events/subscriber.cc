#include "metrics-service/events/subscriber.h"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "common/base/log.h"
#include "metrics-service/events/event_messages.h"
#include "metrics-service/rpc/peer_address.h"

namespace vdm::metrics {
namespace {

/// A message of this many rows stays below 4 MiB, the limit of a gRPC client by default.
constexpr std::size_t RowsPerPart = 1000;

}  // namespace

Subscriber::Subscriber(std::shared_ptr<EventsHost> host, grpc::CallbackServerContext& context,
                       const v1::SubscribeRequest& request)
    : host_(std::move(host)), context_(context), request_(request) {}

Subscriber* Subscriber::open(std::shared_ptr<EventsHost> host, grpc::CallbackServerContext& context,
                             const v1::SubscribeRequest& request) {
  std::shared_ptr<Subscriber> made(new Subscriber(std::move(host), context, request));
  made->self_ = made;
  boost::asio::post(made->host_->owner, [made] { made->begin(); });
  return made.get();
}

void Subscriber::begin() {
  if (!host_->open) return finish({grpc::StatusCode::UNAVAILABLE, "shutting down"});
  if (host_->subscribers.size() >= host_->options.subscribers_max) {
    return finish({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many subscribers"});
  }
  const auto filter = EventFilter::from(request_.filter());
  if (!filter) return finish({grpc::StatusCode::INVALID_ARGUMENT, filter.error().message});
  filter_ = *filter;
  host_->subscribers.insert(shared_from_this());
  last_write_ = host_->clock.monotonic();

  if (!request_.cursor().empty()) {
    resume();
    return pump();
  }
  begin_at({.revision = host_->tracker().revision(), .told = host_->tracker().told()});
  if (!request_.without_snapshot()) queue_snapshot();
  // A subscriber that takes no snapshot learns its cursor from a heartbeat at once.
  heartbeat_due_ = request_.without_snapshot();
  pump();
}

void Subscriber::resume() {
  const Tracker& tracker = host_->tracker();
  const auto cursor = Cursor::parse(request_.cursor());
  if (!cursor) return reset("malformed", 0);
  if (cursor->epoch != tracker.epoch()) return reset("epoch", 0);
  Place place{.revision = cursor->revision, .told = cursor->told};
  if (place.revision > tracker.revision()) {
    // It is of a process whose last changes were not stored: what is new since the last commit may
    // stand before them.
    place = {.revision = tracker.oldest_revision(),
             .told = tracker.events_up_to(tracker.oldest_revision())};
  }
  begin_at(place);
  heartbeat_due_ = place.revision == tracker.revision();
}

void Subscriber::begin_at(const Place& place) {
  position_ = written_to_ = place;
  taken_to_ = place.revision;
}

void Subscriber::reset(const std::string& reason, std::uint64_t lost) {
  reset_at({.revision = host_->tracker().revision(), .told = host_->tracker().told()}, reason,
           lost);
}

/// The snapshot is of now, and the events after `place` follow it: some may be in it already.
void Subscriber::reset_at(const Place& place, const std::string& reason, std::uint64_t lost) {
  taken_.clear();
  fall_back_.reset();
  position_ = place;
  taken_to_ = place.revision;
  v1::SubscribeReply& reply = first_.emplace_back();
  reply.set_cursor(cursor_at(position_));
  reply.mutable_reset()->set_reason(reason);
  reply.mutable_reset()->set_lost(lost);
  queue_snapshot();
}

void Subscriber::fall_back() {
  if (!host_->pipeline.history_reaches()) {
    const Tracker& tracker = host_->tracker();
    return reset("too_old", tracker.missed(position_.told, tracker.oldest_revision()));
  }
  fall_back_ = FallBack{.page_to = position_.revision, .begun = host_->clock.monotonic()};
  ask_page();
}

void Subscriber::ask_page() {
  FallBack& rows = *fall_back_;
  if (rows.asked) return;
  const auto last = host_->pipeline.history_last();
  if (!last) {  // in a moment, unless the disk fails
    const auto waited = host_->clock.monotonic() - rows.begun;
    if (waited > host_->options.write_deadline) reset("too_old", 0);
    return;
  }
  if (rows.page_to >= *last) return end_fall_back();
  rows.asked = true;
  host_->pipeline.read_history(rows.page_to, *last,
                               [weak = weak_from_this()](const HistoryPage& page) {
                                 if (const auto self = weak.lock()) self->take_page(page);
                               });
}

void Subscriber::take_page(const HistoryPage& page) {
  if (finished_at_ || !fall_back_) return;
  if (!page.is_complete) {
    log::warning("history cannot be read for a subscriber", {{"peer", peer_name(context_.peer())}});
    reset("too_old", 0);
    return pump();
  }
  fall_back_->asked = false;
  fall_back_->begun = host_->clock.monotonic();
  fall_back_->page_to = page.up_to;
  taken_.assign(page.rows.begin(), page.rows.end());
  pump();
}

/// The reader has all that history keeps up to where the ring goes on.
void Subscriber::end_fall_back() {
  const Tracker& tracker = host_->tracker();
  const std::uint64_t to = fall_back_->page_to;
  fall_back_.reset();
  const std::uint64_t missed = tracker.missed(position_.told, to);
  const Place place{.revision = to, .told = tracker.events_up_to(to)};
  if (!filter_.selects_kept_only()) return reset_at(place, "too_old", missed);
  position_ = place;
  taken_to_ = to;
}

void Subscriber::queue_snapshot() {
  const ClockPair now = host_->pipeline.now();
  std::vector<ActiveView> active = host_->tracker().active(now);
  std::erase_if(active, [this](const ActiveView& view) { return !filter_.matches(view); });
  std::size_t at = 0;
  do {
    v1::SubscribeReply& reply = first_.emplace_back();
    reply.set_cursor(cursor_at(position_));
    v1::Snapshot& snapshot = *reply.mutable_snapshot();
    snapshot.set_server_unix_us(now.wall.time_since_epoch().count());
    const std::size_t end = std::min(active.size(), at + RowsPerPart);
    for (; at < end; ++at) encode(active[at], *snapshot.add_active());
    const std::size_t rest = (active.size() - at + RowsPerPart - 1) / RowsPerPart;
    snapshot.set_parts_to_come(static_cast<std::uint32_t>(rest));
    if (rest > 0) continue;
    for (const ProxyView& proxy : host_->tracker().proxies()) {
      if (filter_.matches(proxy)) encode(proxy, *snapshot.add_proxies());
    }
  } while (at < active.size());
}

std::string Subscriber::cursor_at(const Place& place) const {
  return Cursor{host_->tracker().epoch(), place.revision, place.told}.text();
}

void Subscriber::wake() {
  if (finished_at_) return;
  if (write_started_) count_unread();
  pump();
}

/// Counts the bytes of events that arrived since the current write began and that the reader has
/// not read. Each finished write starts the count at zero, so a reader that keeps reading is never
/// refused, however far behind it is.
void Subscriber::count_unread() {
  const Continuation next = host_->tracker().events_after(unread_to_);
  unread_to_ = host_->tracker().revision();
  for (const LiveEventPtr& event : next.events) {
    if (!filter_.matches(*event)) continue;
    v1::LiveEvent message;
    encode(*event, message);
    unread_bytes_ += message.ByteSizeLong();
  }
  if (unread_bytes_ > host_->options.unread_bytes_max) refuse_slow("1 MiB of events was not read");
}

void Subscriber::check(MonotonicTime now) {
  const auto& options = host_->options;
  // A reader that reads nothing does not read the final status either: cancel its call.
  if (finished_at_) {
    if (now - *finished_at_ > options.write_deadline) context_.TryCancel();
    return;
  }
  if (write_started_ && now - *write_started_ > options.write_deadline) {
    return refuse_slow("nothing was read for 10 s");
  }
  if (now - last_write_ >= options.heartbeat_interval) heartbeat_due_ = true;
  pump();
}

void Subscriber::refuse_slow(const char* why) {
  const std::string cursor = cursor_at(written_to_);
  context_.AddTrailingMetadata("vdm-cursor", cursor);
  finish(
      {grpc::StatusCode::RESOURCE_EXHAUSTED, std::string(why) + "; resume with cursor " + cursor});
}

void Subscriber::pump() {
  if (finished_at_ || write_started_ || !fill_next()) return;
  write_started_ = last_write_ = host_->clock.monotonic();
  unread_to_ = host_->tracker().revision();
  unread_bytes_ = 0;
  StartWrite(&reply_);
}

bool Subscriber::fill_next() {
  if (!first_.empty()) {
    reply_ = std::move(first_.front());
    first_.pop_front();
    return true;
  }
  if (fill_event()) return true;
  if (!std::exchange(heartbeat_due_, false)) return false;
  reply_.set_cursor(cursor_at(position_));
  reply_.mutable_heartbeat()->set_server_unix_us(
      host_->pipeline.now().wall.time_since_epoch().count());
  return true;
}

bool Subscriber::fill_event() {
  if (taken_.empty() && fall_back_) {
    ask_page();
    if (fall_back_) return false;
    if (!first_.empty()) return fill_next();
  }
  if (taken_.empty() && taken_to_ != host_->tracker().revision()) {
    Continuation next = host_->tracker().events_after(taken_to_);
    if (!next.reset_reason.empty()) {
      fall_back();
      return fill_next();
    }
    taken_.assign(std::make_move_iterator(next.events.begin()),
                  std::make_move_iterator(next.events.end()));
    taken_to_ = host_->tracker().revision();
    taken_told_ = host_->tracker().told();
  }
  while (!taken_.empty()) {
    const LiveEventPtr event = std::move(taken_.front());
    taken_.pop_front();
    position_.revision = event->revision;
    if (event->told > 0) {
      position_.told = event->told;
    } else if (position_.told) {  // of history: one more that the reader has not missed
      ++*position_.told;
    }
    if (!filter_.matches(*event)) continue;
    reply_.set_cursor(cursor_at(position_));
    reply_.mutable_event()->Clear();
    encode(*event, *reply_.mutable_event());
    heartbeat_due_ = false;
    return true;
  }
  if (fall_back_) {
    position_.revision = fall_back_->page_to;
    return fill_event();
  }
  if (taken_to_ > position_.revision) position_ = {.revision = taken_to_, .told = taken_told_};
  return false;
}

void Subscriber::finish(const grpc::Status& status) {
  if (finished_at_) return;
  finished_at_ = host_->clock.monotonic();
  Finish(status);
}

void Subscriber::OnWriteDone(bool ok) {
  boost::asio::post(host_->owner, [self = shared_from_this(), ok] {
    self->write_started_.reset();
    if (ok) {
      self->written_to_ = self->position_;
      return self->pump();
    }
    self->finish(grpc::Status::CANCELLED);
  });
}

void Subscriber::OnCancel() {
  boost::asio::post(host_->owner,
                    [self = shared_from_this()] { self->finish(grpc::Status::CANCELLED); });
}

void Subscriber::OnDone() {
  const std::shared_ptr<Subscriber> self = std::move(self_);
  boost::asio::post(host_->owner, [self] { self->host_->subscribers.erase(self); });
}

}  // namespace vdm::metrics
