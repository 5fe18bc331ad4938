#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tests/bench/load_connection.h"
#include "tests/bench/recorder.h"
#include "tests/bench/socket.h"

namespace vdm::bench {

struct LoadOptions {
  std::uint16_t port = 0;
  std::string path;  ///< empty: the dialect's own
  std::string model = "bench-chat";
  std::size_t connections = 32;
  std::size_t body_bytes = 2048;
  double seconds = 5;
  double warm_up_seconds = 1;
  /// Requests per second; 0: each connection sends again as soon as its answer is complete.
  double rate = 0;
  bool anthropic = false;       ///< the clients' dialect is Anthropic's; else OpenAI's
  bool takes_refusals = false;  ///< a 503 with Retry-After is no failure
  bool stream = false;
  bool hold = false;         ///< open one slow stream per connection, measure memory, then end
  std::vector<pid_t> watch;  ///< processes whose CPU time and memory the load reports
};

struct LoadResult {
  double seconds = 0;
  Recorder seen;
  double cpu_us_per_request = 0;
  std::uint64_t resident_before = 0;
  std::uint64_t resident_after = 0;
  std::size_t open_streams = 0;
};

/// The load: its connections send one request after the other (closed loop), or at a fixed rate, or
/// hold slow streams open. Thread: one, its own.
class Load {
 public:
  explicit Load(const LoadOptions& options);

  LoadResult run();

 private:
  void run_until(Time end);
  void send_due(Time now);
  void answer(LoadConnection& connection);
  void open_streams(Time end);

  const LoadOptions& options_;
  const std::string request_;
  Poll poll_;
  Recorder recorder_;
  std::deque<LoadConnection> connections_;
  std::vector<LoadConnection*> idle_;
  std::vector<char> read_buffer_;
  std::chrono::nanoseconds interval_{0};
  Time next_due_{};
};

/// A request, head included, with a body of `body_bytes` bytes.
std::string request_text(const LoadOptions& options);

}  // namespace vdm::bench
