#pragma once

#include <mutex>

#include "common/base/clock.h"

namespace vdm {

/// A clock that moves only when the test moves it. Thread: any.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(SystemTime wall = SystemTime(std::chrono::seconds(1'764'000'000)))
      : wall_(wall) {}

  MonotonicTime monotonic() const override {
    const std::lock_guard lock(mutex_);
    return monotonic_;
  }
  SystemTime wall() const override {
    const std::lock_guard lock(mutex_);
    return wall_;
  }
  void advance(std::chrono::milliseconds by) {
    const std::lock_guard lock(mutex_);
    monotonic_ += by;
    wall_ += by;
  }

 private:
  mutable std::mutex mutex_;
  MonotonicTime monotonic_{std::chrono::hours(1)};
  SystemTime wall_;
};

}  // namespace vdm
