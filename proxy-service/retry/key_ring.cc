#include "proxy-service/retry/key_ring.h"

#include <algorithm>

namespace vdm::proxy {

void KeyRing::give(Tried& tried, std::size_t key) {
  tried.given_ |= std::uint64_t{1} << key;
  next_ = key + 1 == size() ? 0 : key + 1;
}

std::optional<std::size_t> KeyRing::take(Tried& tried, MonotonicTime now) {
  for (std::size_t step = 0; step < size(); ++step) {
    const std::size_t key = (next_ + step) % size();
    if (tried.has(key) || cools_down(key, now)) continue;
    give(tried, key);
    return key;
  }
  return std::nullopt;
}

std::optional<std::size_t> KeyRing::end_cooldown(Tried& tried, MonotonicTime now) {
  std::optional<std::size_t> soonest;
  for (std::size_t key = 0; key < size(); ++key) {
    if (tried.has(key)) continue;
    if (!soonest || ready_at_[key] < ready_at_[*soonest]) soonest = key;
  }
  if (!soonest) return std::nullopt;
  ready_at_[*soonest] = std::min(ready_at_[*soonest], now);
  give(tried, *soonest);
  return soonest;
}

bool KeyRing::has_next(const Tried& tried, MonotonicTime now) const {
  for (std::size_t key = 0; key < size(); ++key) {
    if (!tried.has(key) && !cools_down(key, now)) return true;
  }
  return false;
}

void KeyRing::answered(std::size_t key, int status,
                       std::optional<std::chrono::milliseconds> retry_after, MonotonicTime now) {
  if (!is_about_the_key(status)) return;
  const auto cooldown = std::min(retry_after.value_or(options_.cooldown), options_.cooldown_max);
  // Two requests may use the same key at a time: the longer cooldown holds.
  ready_at_[key] = std::max(ready_at_[key], now + cooldown);
}

}  // namespace vdm::proxy
