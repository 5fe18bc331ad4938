#include "proxy-service/worker/rejection_limit.h"

#include <algorithm>

namespace vdm::proxy {

bool RejectionLimit::take(const IpAddress& address, MonotonicTime now) {
  const IpAddress from = address.network();
  const std::lock_guard lock(mutex_);
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    taken_size_ = 0;
  }
  const auto end = taken_.begin() + static_cast<std::ptrdiff_t>(taken_size_);
  const auto own = std::count(taken_.begin(), end, from);
  if (taken_size_ == InAll || own == static_cast<std::ptrdiff_t>(PerPeer)) {
    unlisted_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  taken_[taken_size_++] = from;
  return true;
}

}  // namespace vdm::proxy
