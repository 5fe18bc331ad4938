#pragma once

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/sse.h"
#include "common/http/listener.h"
#include "common/http/server.h"
#include "metrics-service/serve/api.h"
#include "tests/common/access/one_key.h"
#include "tests/common/http/served.h"
#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics {

/// The whole API on a thread of its own and port 0, with the tracker in the test's hands: what the
/// test does to it runs on the owner's thread. The clock is the machine's: timers are real.
class ServedApi {
 public:
  struct Options {
    ApiOptions api = {};
    AccessOptions access = {};
    KeyCheckOptions keys = {};
    LiveOptions live = {};
    TrackerOptions tracker = {.epoch = "e1"};
    std::filesystem::path dashboard = "/nowhere";
    std::chrono::milliseconds write_time{10'000};
  };

  ServedApi() : ServedApi(Options{}) {}
  explicit ServedApi(Options options)
      : tracker_(options.tracker),
        keys_(options.keys, clock_),
        access_(options.access, keys_, clock_),
        files_(StaticFiles::load(options.dashboard)),
        thread_("owner"),
        live_(thread_.context(), tracker_, clock_, options.live),
        api_(tracker_, live_, access_, files_, clock_, options.api,
             ApiActions{.cancel =
                            [this](const std::string& instance, const std::string& id) {
                              cancelled_.emplace_back(instance, id);
                              return proxy_connected_;
                            },
                        .grpc_subscribers = [] { return std::size_t{3}; },
                        .starting = [this] { return starting_; },
                        .draining = [this] { return server_.draining(); }}),
        router_(api_.routes()),
        server_(router_, server_options(options)) {
    auto opened = http::Listener::open(thread_, "127.0.0.1", 0, [this](auto socket) {
      server_.serve(thread_, std::move(socket));
    });
    listener_ = std::move(*opened);
    thread_.start();
  }
  ~ServedApi() { stop(); }

  void stop() {
    if (!listener_) return;
    owner([this] {
      listener_->close();
      live_.close();
      server_.drain(thread_, std::chrono::milliseconds(0));
    });
    thread_.release();
    thread_.join();
    listener_.reset();
  }

  /// Runs `work` on the owner's thread and hands back what it returns.
  template <class Work>
  std::invoke_result_t<Work> owner(Work work) {
    std::promise<std::invoke_result_t<Work>> promise;
    auto answer = promise.get_future();
    thread_.post([&] {
      if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
        work();
        promise.set_value();
      } else {
        promise.set_value(work());
      }
    });
    return answer.get();
  }
  /// What a proxy reports, one batch.
  void report(std::uint64_t first_seq, const std::vector<Event>& events) {
    owner([&] {
      tracker_.apply(scenario::Proxy, first_seq, events, now());
      live_.changed();
    });
  }
  ClockPair now() const { return {clock_.monotonic(), std::chrono::floor<Micros>(clock_.wall())}; }

  http::Client client(int receive_buffer = 0) { return http::Client(port(), receive_buffer); }
  http::Client::Answer get(std::string_view target, std::string_view more = {}) {
    return client().ask(http::get(target, more));
  }
  http::Client::Answer post(std::string_view target, std::string_view body,
                            std::string_view more = "Content-Type: application/json\r\n") {
    return client().ask("POST " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" +
                        std::string(more) + "Content-Length: " + std::to_string(body.size()) +
                        "\r\n\r\n" + std::string(body));
  }

  std::uint16_t port() const { return listener_->port(); }
  Tracker& tracker() { return tracker_; }
  Live& live() { return live_; }
  void pretend_to_start() { starting_ = true; }  ///< on the owner's thread
  const std::vector<std::pair<std::string, std::string>>& cancelled() const { return cancelled_; }
  void disconnect_proxy() { proxy_connected_ = false; }

 private:
  http::ServerOptions server_options(const Options& options) {
    http::ServerOptions server;
    server.write_time = options.write_time;
    server.host_allowed = [this](std::string_view host) { return access_.host_allowed(host); };
    server.authenticate = [this](const http::Request& request) {
      return access_.authenticate(request);
    };
    return server;
  }

  SystemClock clock_;
  Tracker tracker_;
  KeyCheck keys_;
  Access access_;
  StaticFiles files_;
  bool proxy_connected_ = true;
  std::vector<std::pair<std::string, std::string>> cancelled_;
  bool starting_ = false;
  http::IoThread thread_;
  Live live_;
  Api api_;
  http::Router router_;
  http::Server server_;
  std::unique_ptr<http::Listener> listener_;
};

/// Reads a live feed, event by event. Chunk framing is undone here, by hand.
class FeedReader {
 public:
  FeedReader(ServedApi& served, std::string_view target, std::string_view more = {},
             int receive_buffer = 0)
      : client_(served.client(receive_buffer)) {
    client_.send(http::get(target, more));
    head_ = client_.read_until("\r\n\r\n");
  }

  const std::string& head() const { return head_; }

  /// The next event; an empty one when the stream has ended. Comments and `retry` pass by.
  SseEvent next() {
    while (events_.empty()) {
      const std::string piece = next_chunk();
      if (piece.empty()) return {};
      text_ += piece;
      std::vector<SseEvent> found;
      (void)splitter_.push(piece, found);
      for (SseEvent& event : found) {
        if (!event.data.empty()) events_.push_back(std::move(event));
      }
    }
    SseEvent event = std::move(events_.front());
    events_.erase(events_.begin());
    return event;
  }
  /// The next piece as it was written, comments and all.
  std::string next_chunk() {
    const std::string line = client_.read_until("\r\n");
    const std::size_t size = line.empty() ? 0 : std::stoul(line, nullptr, 16);
    std::string bytes;
    char byte = 0;
    boost::system::error_code error;
    while (bytes.size() < size + 2) {
      if (client_.socket().read_some(boost::asio::buffer(&byte, 1), error) == 0 || error) return "";
      bytes += byte;
    }
    return bytes.substr(0, size);
  }
  http::Client& client() { return client_; }

 private:
  http::Client client_;
  std::string head_;
  std::string text_;
  SseSplitter splitter_{16 * 1024 * 1024};
  std::vector<SseEvent> events_;
};

}  // namespace vdm::metrics
