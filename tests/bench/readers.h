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
  double warm_up_seconds = 1;  ///< after the last reader was greeted
  std::vector<pid_t> watch;    ///< whose CPU time is reported
};

struct ReadersResult {
  double seconds = 0;
  std::chrono::nanoseconds cpu{0};
  std::size_t failed = 0;  ///< refused, not answered with 200, left alone, or told nothing
  std::uint64_t bytes = 0;
  std::uint64_t bytes_fewest = 0;  ///< what the reader that was told least was told
};

/// Browsers that look at a feed, as far as the service can tell: they connect, ask
/// once and read whatever comes, throwing it away. Thread: one.
class Readers {
 public:
  explicit Readers(const ReadersOptions& options);

  ReadersResult run();

 private:
  struct Reader {
    Fd fd;
    std::string begin;  ///< of the answer, until its status is known
    std::uint64_t bytes = 0;
  };

  void connect_all(Time end);
  void read_until(Time end);
  void read(Reader& reader);
  bool greeted(const Reader& reader) const;

  const ReadersOptions& options_;
  Poll poll_;
  std::deque<Reader> readers_;
  std::vector<char> scratch_;
};

}  // namespace vdm::bench
