#include "metrics-service/serve/live/live.h"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace vdm::metrics {
namespace {

constexpr auto Quietly = boost::asio::as_tuple(boost::asio::use_awaitable);
constexpr std::string_view Heartbeat = ": heartbeat\n\n";

/// Removes the reader from the list however its coroutine ends.
template <class List>
class OnTheList {
 public:
  OnTheList(List& list, typename List::iterator at) : list_(list), at_(at) {}
  ~OnTheList() { list_.erase(at_); }
  OnTheList(const OnTheList&) = delete;
  OnTheList& operator=(const OnTheList&) = delete;

 private:
  List& list_;
  typename List::iterator at_;
};

}  // namespace

Live::Live(boost::asio::io_context& context, const Tracker& tracker, const Clock& clock,
           LiveOptions options)
    : context_(context),
      tracker_(tracker),
      clock_(clock),
      options_(std::move(options)),
      updates_(FeedKind::Updates, tracker, options_.settings),
      deltas_(FeedKind::Deltas, tracker, options_.settings),
      multiplexed_(FeedKind::Multiplexed, tracker, options_.settings),
      publish_timer_(context),
      jitter_(std::random_device{}()) {}

Live::~Live() = default;

Feed& Live::feed(FeedKind kind) {
  switch (kind) {
    case FeedKind::Updates:
      return updates_;
    case FeedKind::Deltas:
      return deltas_;
    case FeedKind::Multiplexed:
      return multiplexed_;
  }
  std::abort();  // every feed is listed above; -Wswitch keeps it so
}

std::uint64_t Live::texts_made() const {
  return updates_.texts_made() + deltas_.texts_made() + multiplexed_.texts_made();
}

ClockPair Live::now() const {
  return ClockPair{clock_.monotonic(), std::chrono::floor<Micros>(clock_.wall())};
}

void Live::changed() {
  if (readers_.empty() || tracker_.revision() == published_) return;
  const bool at_once = tracker_.structure_revision() > published_;
  publish_at(last_publish_ + (at_once ? options_.coalesce : options_.progress_interval));
}

void Live::publish_at(MonotonicTime due) {
  if (due_ && *due_ <= due) return;
  due_ = due;
  publish_timer_.expires_at(due);  // a time in the past fires after the current handler
  publish_timer_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code fault) {
    if (fault || alive.expired()) return;
    due_.reset();
    publish();
  });
}

void Live::publish() {
  if (tracker_.revision() == published_) return;
  published_ = tracker_.revision();
  last_publish_ = clock_.monotonic();
  for (Feed* feed : {&updates_, &deltas_, &multiplexed_}) feed->forget();
  for (Reader& reader : readers_) reader.wake.cancel();
}

void Live::close() {
  closed_ = true;
  publish_timer_.cancel();
  for (Reader& reader : readers_) reader.wake.cancel();
}

FeedText Live::greeting(FeedKind kind, const http::Request& request) {
  const std::string* cursor = request.parameter("after");
  if (!cursor) cursor = request.header("last-event-id");
  if (!cursor || cursor->empty()) return feed(kind).full(now());
  const auto from = Cursor::parse(*cursor);
  if (!from) return feed(kind).reset("malformed", 0, now());
  if (from->epoch != tracker_.epoch() || from->revision > tracker_.revision()) {
    return feed(kind).reset("epoch", 0, now());
  }
  if (kind == FeedKind::Updates) return feed(kind).full(now());
  return feed(kind).after(from->revision, from->told, now());
}

http::Awaitable<void> Live::serve(FeedKind kind, const http::Request& request,
                                  http::ReplyWriter& reply) {
  if (closed_ || readers_.size() >= options_.readers_max) {
    http::Reply refusal =
        http::error_reply(503, "overloaded_error", "too many live readers; poll instead");
    refusal.head.headers.push_back({"Retry-After", "10"});
    co_await reply.send(std::move(refusal));
    co_return;
  }
  const OnTheList place(readers_, readers_.emplace(readers_.end(), context_));
  Reader& reader = readers_.back();
  if (const auto begun = co_await reply.begin_events(); !begun) co_return;

  const auto heartbeat = kind == FeedKind::Multiplexed
                             ? std::min(options_.heartbeat, options_.multiplexed_heartbeat)
                             : options_.heartbeat;
  FeedText next = greeting(kind, request);
  // A random retry time keeps readers that lost their connections together from reconnecting
  // together.
  const std::string retry = "retry: " + std::to_string(1'000 + jitter_() % 4'000) + "\n\n";
  if (const auto written = co_await reply.write(retry); !written) co_return;
  while (!closed_) {
    reader.at = next.revision;
    reader.told = next.told;
    if (!next.text->empty()) {
      if (const auto written = co_await reply.write(*next.text); !written) co_return;
    }
    next.text.reset();
    while (!closed_ && reader.at >= published_) {
      const auto woken_for = published_;
      co_await wait(reader, heartbeat);
      if (closed_ || published_ != woken_for) continue;
      if (const auto written = co_await reply.write(Heartbeat); !written) co_return;
    }
    next = feed(kind).after(reader.at, reader.told, now());
  }
  co_await reply.end();
}

http::Awaitable<void> Live::wait(Reader& reader, std::chrono::milliseconds heartbeat) {
  reader.wake.expires_after(heartbeat);
  co_await reader.wake.async_wait(Quietly);
}

}  // namespace vdm::metrics
