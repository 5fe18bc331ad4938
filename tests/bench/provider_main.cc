#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <deque>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "tests/bench/provider_connection.h"

namespace vdm::bench {
namespace {

/// A provider that costs as little CPU as possible: it makes its answers before the first request
/// arrives. Thread: one.
class Provider {
 public:
  Provider(std::uint16_t port, const AnswerOptions& options)
      : answers_(options), listener_(listen_on(port)), read_buffer_(64 * 1024) {
    poll_.add(listener_, nullptr);
    std::printf("listening on 127.0.0.1:%u\n", static_cast<unsigned>(port_of(listener_)));
    std::fflush(stdout);
  }

  [[noreturn]] void run() {
    while (true) {
      for (const epoll_event& event : poll_.wait(due_.empty() ? Time::max() : due_.top().at)) {
        if (event.data.ptr == nullptr) {
          accept_all();
        } else {
          step(*static_cast<ProviderConnection*>(event.data.ptr));
        }
      }
      send_due();
    }
  }

 private:
  struct Due {
    Time at;
    ProviderConnection* connection;
    bool operator<(const Due& other) const { return at > other.at; }
  };

  void accept_all() {
    for (Fd fd = accept_from(listener_); fd.open(); fd = accept_from(listener_)) {
      ProviderConnection* connection = nullptr;
      if (closed_.empty()) {
        connection = &connections_.emplace_back(answers_);
      } else {
        connection = closed_.back();
        closed_.pop_back();
      }
      connection->open(std::move(fd));
      poll_.add(connection->fd(), connection);
      step(*connection);
    }
  }

  void step(ProviderConnection& connection) {
    const bool was_due = connection.due().has_value();
    const bool was_open = connection.is_open();
    connection.ready(read_buffer_);
    note(connection, was_due, was_open);
  }

  void note(ProviderConnection& connection, bool was_due, bool was_open) {
    if (!was_due && connection.due()) due_.push({*connection.due(), &connection});
    // A connection that is still in due_ is deleted when its entry is due.
    if (was_open && !connection.is_open() && !was_due) closed_.push_back(&connection);
  }

  void send_due() {
    if (due_.empty()) return;
    const Time now = Clock::now();
    while (!due_.empty() && due_.top().at <= now) {
      ProviderConnection& connection = *due_.top().connection;
      due_.pop();
      const bool was_open = connection.is_open();
      if (was_open) connection.send_due(now);
      if (connection.is_open()) {
        note(connection, false, true);
      } else {
        closed_.push_back(&connection);
      }
    }
  }

  Answers answers_;
  Poll poll_;
  Fd listener_;
  std::deque<ProviderConnection> connections_;
  std::vector<ProviderConnection*> closed_;
  std::priority_queue<Due> due_;
  std::vector<char> read_buffer_;
};

}  // namespace
}  // namespace vdm::bench

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  vdm::bench::AnswerOptions options;
  int gap_us = 2000;
  CLI::App app("Answers chat completions on 127.0.0.1 as fast as it can");
  app.add_option("--port", port, "0: any free port")->capture_default_str();
  app.add_option("--json-bytes", options.json_bytes, "size of a whole answer")
      ->capture_default_str();
  app.add_option("--events", options.events, "events of a stream")->capture_default_str();
  app.add_option("--gap-us", gap_us, "time between two events; 0: all at once")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  options.gap = std::chrono::microseconds(gap_us);
  vdm::bench::Provider(port, options).run();
}
