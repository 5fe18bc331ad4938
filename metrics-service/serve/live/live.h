#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "common/base/clock.h"
#include "common/http/reply_writer.h"
#include "metrics-service/serve/live/feed.h"

namespace vdm::metrics {

struct LiveOptions {
  std::chrono::milliseconds progress_interval{500};
  /// Silence after which the compatible feeds send a comment.
  std::chrono::milliseconds heartbeat{30'000};
  /// Upper bound of that silence for the dashboard's feed.
  std::chrono::milliseconds multiplexed_heartbeat{15'000};
  std::chrono::milliseconds coalesce{100};
  std::size_t readers_max = 1'024;
  FeedSettings settings;
};

/// Pushes changes to everyone who reads a feed: starts and ends at once, or every `coalesce` under
/// load; progress every `progress_interval`; only heartbeats when nothing changes. A reader whose
/// last write is still running gets the latest state when that write is done. Memory per reader:
/// one text, shared with all readers at the same revision. Thread: owner only.
class Live {
 public:
  Live(boost::asio::io_context& context, const Tracker& tracker, const Clock& clock,
       LiveOptions options);
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;
  ~Live();

  /// Call it when the tracker may have changed. Cheap.
  void changed();
  /// Sends the feed until the reader disconnects or stalls, or close() is called. `head` carries
  /// further headers for the answer's head.
  http::Awaitable<void> serve(FeedKind kind, const http::Request& request,
                              http::ReplyWriter& reply);
  /// Ends all readers and refuses new ones.
  void close();

  std::size_t readers() const { return readers_.size(); }
  const LiveOptions& options() const { return options_; }
  std::uint64_t texts_made() const;

 private:
  struct Reader {
    explicit Reader(boost::asio::io_context& context) : wake(context) {}
    boost::asio::steady_timer wake;
    std::uint64_t at = 0;    ///< the revision that the reader has been sent
    std::uint64_t told = 0;  ///< how many events were told up to there
  };
  using ReaderEntry = std::list<Reader>::iterator;

  Feed& feed(FeedKind kind);
  ClockPair now() const;
  FeedText greeting(FeedKind kind, const http::Request& request);
  /// Waits until there is a newer revision to send, or the heartbeat is due.
  http::Awaitable<void> wait(Reader& reader, std::chrono::milliseconds heartbeat);
  void publish();
  void publish_at(MonotonicTime due);

  boost::asio::io_context& context_;
  const Tracker& tracker_;
  const Clock& clock_;
  LiveOptions options_;
  Feed updates_;
  Feed deltas_;
  Feed multiplexed_;
  std::list<Reader> readers_;
  boost::asio::steady_timer publish_timer_;
  std::optional<MonotonicTime> due_;  ///< when publish_timer_ fires
  MonotonicTime last_publish_{};
  std::uint64_t published_ = 0;  ///< the revision last published
  std::minstd_rand jitter_;
  bool closed_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace vdm::metrics
