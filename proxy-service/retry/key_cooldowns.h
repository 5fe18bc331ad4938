#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "common/base/clock.h"

namespace vdm::proxy {

/// When each key of a provider may be used again. All threads of the process share it, so that a
/// refusal which one of them meets is none for the others, and a reload hands on what the keys that
/// stay were told. Thread: any, without a lock; share() before others use it.
class KeyCooldowns {
 public:
  explicit KeyCooldowns(std::size_t keys) : ready_at_(keys) {
    for (Slot& slot : ready_at_) slot = std::make_shared<std::atomic<Ticks>>(0);
  }

  std::size_t size() const { return ready_at_.size(); }
  bool cools_down(std::size_t key, MonotonicTime now) const { return now < ready_at(key); }
  MonotonicTime ready_at(std::size_t key) const {
    return MonotonicTime(MonotonicTime::duration(ready_at_[key]->load(std::memory_order_relaxed)));
  }
  /// Two requests may use the same key at a time: the longer cooldown holds.
  void extend(std::size_t key, MonotonicTime until) {
    const Ticks wanted = until.time_since_epoch().count();
    Ticks found = ready_at_[key]->load(std::memory_order_relaxed);
    while (found < wanted && !ready_at_[key]->compare_exchange_weak(found, wanted)) {
    }
  }
  void end(std::size_t key) { ready_at_[key]->store(0, std::memory_order_relaxed); }

  /// From now on the key's cooldown is the one that `other` has for its key `theirs`.
  void share(std::size_t key, const KeyCooldowns& other, std::size_t theirs) {
    ready_at_[key] = other.ready_at_[theirs];
  }

 private:
  using Ticks = MonotonicTime::rep;
  using Slot = std::shared_ptr<std::atomic<Ticks>>;

  std::vector<Slot> ready_at_;
};

}  // namespace vdm::proxy
