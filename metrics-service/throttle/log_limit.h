#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "common/base/clock.h"

namespace vdm::metrics {

/// Lets one log line through per interval, of lines that somebody outside can cause as often as
/// they like. Thread: any.
class LogLimit {
 public:
  static constexpr std::chrono::seconds Interval{10};

  explicit LogLimit(const Clock& clock) : clock_(clock) {}

  /// How many lines were left out since the last one; nothing: leave this one out, too.
  std::optional<std::uint64_t> admit() {
    const MonotonicTime now = clock_.monotonic();
    const std::lock_guard lock(mutex_);
    if (last_ && now - *last_ < Interval) {
      ++left_out_;
      return std::nullopt;
    }
    last_ = now;
    return std::exchange(left_out_, 0);
  }

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<MonotonicTime> last_;
  std::uint64_t left_out_ = 0;
};

}  // namespace vdm::metrics
