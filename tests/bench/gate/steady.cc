#include "tests/bench/gate/steady.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/bench/gate/window.h"

// Loaded into vdm-proxy before every other library, it removes from a run what depends on the
// clock: no timer fires, and proxy.py can see when a thread sleeps, so that it never sends sooner.
// It also closes windows, each on the thread that is counted, since callgrind dumps only the
// calling thread.

namespace vdm::gate {
namespace {

Board* map_board() {
  const char* path = std::getenv("VDM_GATE_BOARD");
  const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* mapped = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  return mapped == MAP_FAILED ? nullptr : static_cast<Board*>(mapped);
}

Board* board() {
  static Board* const mapped = map_board();
  return mapped;
}

Board::Thread* own_place() {
  thread_local Board::Thread* const place = [] {
    Board* all = board();
    const std::size_t index = all == nullptr ? Board::ThreadsMax : all->threads_count++;
    return index < Board::ThreadsMax ? &all->threads[index] : nullptr;
  }();
  return place;
}

void close_what_is_asked() {
  thread_local std::uint32_t closed = 0;
  const std::uint32_t asked = board()->window.load(std::memory_order_acquire);
  if (asked == closed) return;
  closed = asked;
  close_window(asked);
}

}  // namespace
}  // namespace vdm::gate

extern "C" int epoll_wait(int poll, epoll_event* events, int events_max, int timeout) {
  using Function = int (*)(int, epoll_event*, int, int);
  static const auto next = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "epoll_wait"));
  vdm::gate::Board::Thread* const place = vdm::gate::own_place();
  if (place == nullptr) return next(poll, events, events_max, timeout);
  // A call with timeout 0 does not sleep: the thread's work goes on.
  if (timeout != 0) place->asleep.store(1, std::memory_order_release);
  const int found = next(poll, events, events_max, timeout);
  place->asleep.store(0, std::memory_order_release);
  place->waits.fetch_add(1, std::memory_order_release);
  vdm::gate::close_what_is_asked();
  return found;
}

extern "C" int timerfd_settime(int, int, const itimerspec*, itimerspec* before) noexcept {
  if (before != nullptr) *before = {};
  return 0;  // the timer is never set
}
