#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace vdm::gate {

/// What steady.cc, loaded into vdm-proxy, and proxy.py, which drives it, say to each other through
/// a file that both map. proxy.py knows this layout.
struct Board {
  static constexpr std::size_t ThreadsMax = 64;

  struct Thread {
    std::atomic<std::uint32_t> waits;   ///< for sockets, since its start
    std::atomic<std::uint32_t> asleep;  ///< 1: it waits, and everything before is done
  };

  std::atomic<std::uint32_t> window;  ///< the last one that proxy.py has closed
  std::atomic<std::uint32_t> threads_count;
  Thread threads[ThreadsMax];
};

}  // namespace vdm::gate
