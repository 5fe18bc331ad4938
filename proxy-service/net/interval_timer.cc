#include "proxy-service/net/interval_timer.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/timerfd.h>
#include <unistd.h>

namespace vdm::proxy {
namespace {

timespec timespec_of(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds(time - seconds).count()};
}

}  // namespace

IntervalTimer::IntervalTimer(Reactor& reactor, std::chrono::milliseconds interval,
                             std::function<void()> due)
    : reactor_(reactor),
      due_(std::move(due)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  const timespec every = timespec_of(interval);
  const itimerspec schedule{.it_interval = every, .it_value = every};
  const bool is_set = timer_.is_open() &&
                      ::timerfd_settime(timer_.get(), 0, &schedule, nullptr) == 0 &&
                      reactor_.add(timer_.get(), *this);
  if (!is_set) throw std::system_error(errno, std::generic_category(), "timerfd");
}

void IntervalTimer::ready(std::uint32_t) {
  std::uint64_t passed = 0;
  if (::read(timer_.get(), &passed, sizeof passed) == sizeof passed) due_();
}

}  // namespace vdm::proxy
