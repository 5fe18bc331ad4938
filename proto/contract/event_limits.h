#pragma once

#include <algorithm>
#include <cstdint>

#include "proto/contract/event.h"
#include "proto/contract/event_codec.h"

namespace vdm {

/// The range of the contract's numbers. The sender cuts a number that no request can have; the
/// receiver refuses it. Pure.

inline constexpr std::uint32_t HttpStatusMax = 999;
/// Ten years: longer than any request, and small enough that sums do not overflow.
inline constexpr std::uint64_t DurationMaxUs = 10ull * 366 * 24 * 3600 * 1'000'000;
inline constexpr std::int64_t WallTimeMaxUs = 253402300799ll * 1'000'000;  // the year 9999

inline std::uint64_t to_us(Micros value) {
  if (value.count() < 0) return 0;
  return std::min(static_cast<std::uint64_t>(value.count()), DurationMaxUs);
}

inline std::uint64_t to_count(std::uint64_t value) { return std::min(value, CountMax); }

inline std::int64_t to_wall_us(WallTime time) {
  return std::clamp<std::int64_t>(time.time_since_epoch().count(), 0, WallTimeMaxUs);
}

}  // namespace vdm
