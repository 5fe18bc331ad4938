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
  std::chrono::milliseconds heartbeat{30'000};              ///< of the compatible feeds
  std::chrono::milliseconds multiplexed_heartbeat{15'000};  ///< at most
  std::chrono::milliseconds coalesce{100};
  std::size_t readers_max = 1'024;
  FeedSettings settings;
};

/// Pushes what changes to everyone who reads a feed: starts and ends at once, or every `coalesce`
/// under load; progress every `progress_interval`; nothing but heartbeats when nothing changes. A
/// reader that is still writing gets the present when it is done. Memory per reader: one text,
/// shared with all who stand at the same place. Thread: owner only.
class Live {
 public:
  Live(boost::asio::io_context& context, const Tracker& tracker, const Clock& clock,
       LiveOptions options);
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;
  ~Live();

  /// The tracker may have changed. Cheap.
  void changed();
  /// Answers with the feed until the reader leaves, stalls, or close() is called. `head` carries
  /// what else the answer's head needs.
  http::Awaitable<void> serve(FeedKind kind, const http::Request& request,
                              http::ReplyWriter& reply);
  /// Readers end; new ones are refused.
  void close();

  std::size_t readers() const { return readers_.size(); }
  const LiveOptions& options() const { return options_; }
  std::uint64_t texts_made() const;

 private:
  struct Reader {
    explicit Reader(boost::asio::io_context& context) : wake(context) {}
    boost::asio::steady_timer wake;
    std::uint64_t at = 0;  ///< the revision it has been told of
  };
  using Place = std::list<Reader>::iterator;

  Feed& feed(FeedKind kind);
  ClockPair now() const;
  FeedText greeting(FeedKind kind, const http::Request& request);
  /// Until it should be told something, or the heartbeat is due.
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
  std::optional<MonotonicTime> due_;  ///< of publish_timer_
  MonotonicTime last_publish_{};
  std::uint64_t published_ = 0;  ///< revision
  std::minstd_rand jitter_;
  bool closed_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace vdm::metrics
