#include "proxy-service/routing/key_ring.h"

#include <algorithm>

namespace vdm::proxy {

void KeyRing::give(Turn& turn, std::size_t key) {
  turn.given_ |= std::uint64_t{1} << key;
  next_ = key + 1 == size() ? 0 : key + 1;
}

std::optional<std::size_t> KeyRing::take(Turn& turn, MonotonicTime now) {
  for (std::size_t step = 0; step < size(); ++step) {
    const std::size_t key = (next_ + step) % size();
    if (turn.has(key) || rests(key, now)) continue;
    give(turn, key);
    return key;
  }
  return std::nullopt;
}

std::optional<std::size_t> KeyRing::wake(Turn& turn, MonotonicTime now) {
  std::optional<std::size_t> soonest;
  for (std::size_t key = 0; key < size(); ++key) {
    if (turn.has(key)) continue;
    if (!soonest || awake_at_[key] < awake_at_[*soonest]) soonest = key;
  }
  if (!soonest) return std::nullopt;
  awake_at_[*soonest] = std::min(awake_at_[*soonest], now);
  give(turn, *soonest);
  return soonest;
}

bool KeyRing::has_next(const Turn& turn, MonotonicTime now) const {
  for (std::size_t key = 0; key < size(); ++key) {
    if (!turn.has(key) && !rests(key, now)) return true;
  }
  return false;
}

void KeyRing::answered(std::size_t key, int status,
                       std::optional<std::chrono::milliseconds> retry_after, MonotonicTime now) {
  if (!is_about_the_key(status)) return;
  const auto rest = std::min(retry_after.value_or(options_.rest), options_.rest_max);
  // Two requests may come back with the same key: the longer word holds.
  awake_at_[key] = std::max(awake_at_[key], now + rest);
}

}  // namespace vdm::proxy
