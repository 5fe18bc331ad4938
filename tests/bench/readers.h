#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tests/bench/socket.h"

namespace vdm::bench {

struct ReadersOptions {
  std::uint16_t port = 0;
  std::string path = "/metrics/stream";
  std::size_t readers = 200;
  double seconds = 5;
  double warm_up_seconds = 1;  ///< after the last reader received the first event
  std::vector<pid_t> watch;    ///< processes whose CPU time is reported
};

struct ReadersResult {
  double seconds = 0;
  std::chrono::nanoseconds cpu{0};
  std::size_t failed = 0;  ///< refused, not answered with 200, disconnected, or sent nothing
  std::uint64_t bytes = 0;
  std::uint64_t bytes_fewest = 0;  ///< bytes of the reader that received the fewest
};

/// Browsers on a feed, as the service sees them: each connects, sends one request, and reads and
/// discards all it receives. Thread: one.
class Readers {
 public:
  explicit Readers(const ReadersOptions& options);

  ReadersResult run();

 private:
  struct Reader {
    Fd fd;
    std::string begin;  ///< the beginning of the answer, until its status is known
    std::uint64_t bytes = 0;
  };

  void connect_all(Time end);
  void read_until(Time end);
  void read(Reader& reader);
  bool greeted(const Reader& reader) const;

  const ReadersOptions& options_;
  Poll poll_;
  std::deque<Reader> readers_;
  std::vector<char> read_buffer_;
};

}  // namespace vdm::bench
