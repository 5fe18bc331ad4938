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

/// What happens on a thread's sockets. Each is registered once, edge-triggered: who
/// has read all there is needs no system call to be told of more, which with Asio's
/// own operations costs one read in vain for every wait. Thread: its IoThread; wake()
/// any.
class Reactor {
 public:
  class Watched {
   public:
    /// Something has changed: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP or EPOLLERR. May
    /// end this object, and others.
    virtual void ready(std::uint32_t events) = 0;

   protected:
    ~Watched() = default;
  };

  Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  /// False: the kernel has no room for one more.
  bool add(int descriptor, Watched& watched);
  /// Its descriptor is about to be closed, which takes it out of the kernel's list.
  void forget(Watched& watched);
  /// ready(events) is called in the next round, without a change on the socket.
  void defer(Watched& watched, std::uint32_t events) { deferred_.push_back({&watched, events}); }

  static constexpr std::chrono::milliseconds ForEver = std::chrono::milliseconds::max();
  enum class Woken { No, Yes };
  /// One round: waits for changes, at most so long, and says each to whom it concerns. What
  /// one of them throws is kept for take_fault(), and concerns no other.
  Woken wait(std::chrono::milliseconds longest);
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
  std::array<epoll_event, 128> events_;
};

}  // namespace vdm::proxy
