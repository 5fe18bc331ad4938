#include "metrics-service/events/subscriber.h"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "common/base/log.h"
#include "metrics-service/events/event_messages.h"

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

  if (request_.cursor().empty()) {
    position_ = written_to_ = taken_to_ = host_->tracker().revision();
    if (!request_.without_snapshot()) queue_snapshot();
    // A subscriber that takes no snapshot learns its cursor from a heartbeat at once.
    heartbeat_due_ = request_.without_snapshot();
  } else {
    const auto cursor = Cursor::parse(request_.cursor());
    const Continuation next = host_->tracker().events_after(request_.cursor());
    if (!next.reset_reason.empty()) {
      reset(next.reset_reason, next.lost);
    } else {
      position_ = written_to_ = taken_to_ = cursor->revision;
      heartbeat_due_ = next.events.empty();
    }
  }
  pump();
}

void Subscriber::reset(const std::string& reason, std::uint64_t lost) {
  taken_.clear();
  position_ = taken_to_ = host_->tracker().revision();
  v1::SubscribeReply& reply = first_.emplace_back();
  reply.set_cursor(cursor_at(position_));
  reply.mutable_reset()->set_reason(reason);
  reply.mutable_reset()->set_lost(lost);
  queue_snapshot();
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

std::string Subscriber::cursor_at(std::uint64_t revision) const {
  return Cursor{host_->tracker().epoch(), revision}.text();
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
  if (taken_.empty() && taken_to_ != host_->tracker().revision()) {
    Continuation next = host_->tracker().events_after(taken_to_);
    if (!next.reset_reason.empty()) {
      reset(next.reset_reason, next.lost);
      return fill_next();
    }
    taken_.assign(std::make_move_iterator(next.events.begin()),
                  std::make_move_iterator(next.events.end()));
    taken_to_ = host_->tracker().revision();
  }
  while (!taken_.empty()) {
    const LiveEventPtr event = std::move(taken_.front());
    taken_.pop_front();
    position_ = event->revision;
    if (!filter_.matches(*event)) continue;
    reply_.set_cursor(cursor_at(position_));
    reply_.mutable_event()->Clear();
    encode(*event, *reply_.mutable_event());
    heartbeat_due_ = false;
    return true;
  }
  position_ = taken_to_;
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
