#include "common/access/key_throttle.h"

namespace vdm {

template <class Kept>
const Kept* KeyThrottle::Recent<Kept>::find(const IpAddress& address) const {
  const auto at = found.find(address);
  return at == found.end() ? nullptr : &at->second->second;
}

template <class Kept>
Kept& KeyThrottle::Recent<Kept>::note(const IpAddress& address, std::size_t most) {
  if (const auto at = found.find(address); at != found.end()) {
    in_order.splice(in_order.end(), in_order, at->second);
    return at->second->second;
  }
  if (found.size() >= most) {
    found.erase(in_order.front().first);
    in_order.pop_front();
  }
  found[address] = in_order.insert(in_order.end(), {address, Kept{}});
  return in_order.back().second;
}

bool KeyThrottle::knows(const IpAddress& network, MonotonicTime now) const {
  const MonotonicTime* last = known_.find(network);
  return last != nullptr && now - *last < KnownFor;
}

std::optional<std::chrono::seconds> KeyThrottle::wait_of(const IpAddress& network,
                                                         MonotonicTime now) const {
  const Wrong* wrong = wrong_.find(network);
  if (wrong == nullptr || now - wrong->since >= Window) return std::nullopt;
  if (wrong->count < options_.wrong_max) return std::nullopt;
  if (wrong->count < options_.wrong_of_known_max && knows(network, now)) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(wrong->since + Window - now);
}

std::optional<std::chrono::seconds> KeyThrottle::note(const IpAddress& from, Key key,
                                                      MonotonicTime now) {
  const IpAddress network = from.network();
  const std::lock_guard lock(mutex_);
  if (const auto wait = wait_of(network, now)) return wait;
  if (key == Key::Right) {
    known_.note(network, options_.addresses_max) = now;
    return std::nullopt;
  }
  Wrong& wrong = wrong_.note(network, options_.addresses_max);
  if (wrong.count == 0 || now - wrong.since >= Window) wrong = {.since = now};
  ++wrong.count;
  return std::nullopt;
}

std::optional<std::chrono::seconds> KeyThrottle::wait(const IpAddress& from,
                                                      MonotonicTime now) const {
  const std::lock_guard lock(mutex_);
  return wait_of(from.network(), now);
}

std::size_t KeyThrottle::addresses() const {
  const std::lock_guard lock(mutex_);
  return wrong_.found.size();
}

}  // namespace vdm
