#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

#include <sys/epoll.h>

#include "proxy-service/net/descriptor.h"

namespace vdm::proxy {

/// Waits for changes on one thread's descriptors, and calls the object that watches
/// each. A descriptor is registered once, edge-triggered: after reading everything, an
/// object waits for more without a system call, where Asio's own operations cost one
/// read in vain for every wait. Thread: its IoThread; wake() any.
class Reactor {
 public:
  class Watched {
   public:
    /// The descriptor has changed: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP or EPOLLERR.
    /// May destroy this object, and others.
    virtual void ready(std::uint32_t events) = 0;

   protected:
    ~Watched() = default;
  };

  Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  /// False when the kernel has no room for one more.
  bool add(int descriptor, Watched& watched);
  /// Drops the calls that `watched` would still get. The caller then closes the descriptor,
  /// which takes it out of the kernel's list.
  void forget(Watched& watched);
  /// Lets the next round call ready(events), without a change on the descriptor.
  void defer(Watched& watched, std::uint32_t events) { deferred_.push_back({&watched, events}); }

  static constexpr std::chrono::milliseconds ForEver = std::chrono::milliseconds::max();
  enum class Woken { No, Yes };
  /// One round: waits for changes, at most so long, and says each to whom it concerns. What
  /// one of them throws is kept for take_fault(), and concerns no other.
  Woken wait(std::chrono::milliseconds longest);
  /// Whether the last round found as many changes as it can hold, so that others may wait.
  bool was_full() const { return full_; }
  /// What was thrown in the last round; null: nothing.
  std::exception_ptr take_fault() { return std::exchange(fault_, nullptr); }
  /// Ends a wait, from outside.
  void wake();

 private:
  struct Change {
    Watched* watched;
    std::uint32_t events;
  };

  void drain_wake();

  Descriptor epoll_;
  Descriptor wake_;
  std::vector<Change> deferred_;
  std::vector<Change> now_;
  std::exception_ptr fault_;
  bool full_ = false;
  std::array<epoll_event, 128> events_;
};

}  // namespace vdm::proxy
