#include "proxy-service/net/reactor.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace vdm::proxy {
namespace {

Descriptor opened(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return Descriptor(descriptor);
}

}  // namespace

Reactor::Reactor()
    : epoll_(opened(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(opened(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
  now_.reserve(events_.size());
}

bool Reactor::add(int descriptor, Watched& watched) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &watched}};
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Reactor::forget(Watched& watched) {
  // Changes that this round has found and not yet passed on must not reach it.
  for (std::vector<Change>* changes : {&now_, &deferred_}) {
    for (Change& change : *changes) {
      if (change.watched == &watched) change.watched = nullptr;
    }
  }
}

Reactor::Woken Reactor::wait(std::chrono::milliseconds longest) {
  now_.swap(deferred_);
  // Before the kernel is asked, which tells each change once.
  now_.reserve(now_.size() + events_.size());
  // Without a limit the kernel sets no timer for each wait.
  const int limit = longest == ForEver ? -1 : static_cast<int>(longest.count());
  const int timeout = now_.empty() ? limit : 0;
  const int found =
      ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), timeout);
  full_ = found == static_cast<int>(events_.size());
  Woken woken = Woken::No;
  for (int i = 0; i < found; ++i) {
    const epoll_event& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      drain_wake();
      woken = Woken::Yes;
    } else {
      now_.push_back({static_cast<Watched*>(event.data.ptr), event.events});
    }
  }
  // ready() adds nothing to now_, but forget() may clear changes that are still ahead.
  for (std::size_t i = 0; i < now_.size(); ++i) {
    const Change change = now_[i];
    if (change.watched == nullptr) continue;
    try {
      change.watched->ready(change.events);
    } catch (...) {
      fault_ = std::current_exception();
    }
  }
  now_.clear();
  return woken;
}

void Reactor::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void Reactor::drain_wake() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(wake_.get(), &count, sizeof count);
}

}  // namespace vdm::proxy
