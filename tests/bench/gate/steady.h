#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace vdm::gate {

/// A file that both sides map: through it steady.cc, loaded into vdm-proxy, and proxy.py, which
/// drives the proxy, exchange their state. proxy.py depends on this layout.
struct Board {
  static constexpr std::size_t ThreadsMax = 64;

  struct Thread {
    std::atomic<std::uint32_t> waits;  ///< calls of epoll_wait since the thread started
    /// 1: the thread sleeps, and has finished everything before.
    std::atomic<std::uint32_t> asleep;
  };

  std::atomic<std::uint32_t> window;  ///< the number of the window that proxy.py closed last
  std::atomic<std::uint32_t> threads_count;
  Thread threads[ThreadsMax];
};

}  // namespace vdm::gate
