#include "proxy-service/net/loop_lag.h"

#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace vdm::proxy {

LoopLag::LoopLag(Reactor& reactor, const Clock& clock)
    : reactor_(reactor), clock_(clock), probe_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!probe_.is_open() || !reactor_.add(probe_.get(), *this)) {
    throw std::system_error(errno, std::generic_category(), "eventfd");
  }
}

void LoopLag::send_probe() {
  if (sent_at_) return;
  const std::uint64_t one = 1;
  if (::write(probe_.get(), &one, sizeof one) == sizeof one) sent_at_ = clock_.monotonic();
}

void LoopLag::ready(std::uint32_t) {
  std::uint64_t count = 0;
  // The kernel also tells that the descriptor can be written.
  if (::read(probe_.get(), &count, sizeof count) != sizeof count || !sent_at_) return;
  last_ = clock_.monotonic() - *sent_at_;
  sent_at_.reset();
}

}  // namespace vdm::proxy
