#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "common/base/clock.h"

namespace vdm::metrics {

/// The positions that a log may give. Plain data.
struct PositionBlock {
  std::string epoch;
  std::uint64_t first = 1;
  std::uint64_t last = 0;
};

/// The position with which a log begins that knows of no earlier one: where it would be if the log
/// had given one every 10 ms since 2025 began. So it is beyond those of any log that may have been
/// in the same place before, unless the clock has been set back since.
inline std::uint64_t first_position(SystemTime now) {
  constexpr auto Beginning = SystemTime(std::chrono::seconds(1'735'689'600));
  const auto positions = (now - Beginning) / std::chrono::milliseconds(10);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(1, positions));
}

}  // namespace vdm::metrics
