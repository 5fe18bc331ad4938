#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "proxy-service/net/descriptor.h"
#include "proxy-service/net/reactor.h"

namespace vdm::proxy {

/// Calls `due` after each interval, but only once for several that were missed. The kernel's
/// timer counts, so a thread that waits for sockets need not ask for the time, nor set a limit
/// to each wait. Throws std::system_error when the kernel has no descriptor for it.
/// Thread: its IoThread; Reactor::wait() calls `due`.
class IntervalTimer final : private Reactor::Watched {
 public:
  IntervalTimer(Reactor& reactor, std::chrono::milliseconds interval, std::function<void()> due);
  ~IntervalTimer() { reactor_.forget(*this); }
  IntervalTimer(const IntervalTimer&) = delete;
  IntervalTimer& operator=(const IntervalTimer&) = delete;

 private:
  void ready(std::uint32_t events) override;

  Reactor& reactor_;
  const std::function<void()> due_;
  Descriptor timer_;
};

}  // namespace vdm::proxy
