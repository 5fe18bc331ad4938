#pragma once

#include <algorithm>
#include <cstdint>

#include "proto/contract/event.h"
#include "proto/contract/event_codec.h"

namespace vdm {

/// What each number of the contract can be at most, of any request that there is. The receiver
/// leaves a larger one out, as if it had not been told, and counts that: a request counts all the
/// same, and nobody's totals get what cannot be. Numbers that say which event is which are refused
/// instead (CountMax). The sender cuts what has a bound of its own. Pure.

inline constexpr std::uint32_t HttpStatusMax = 599;
inline constexpr std::uint64_t TokensMax = 1'000'000'000;  ///< of one kind, in one request
inline constexpr std::uint32_t ItemsMax = 1'000'000;       ///< messages or tool calls of a request
inline constexpr std::uint32_t AttemptsMax = 1'000;
inline constexpr std::uint64_t BytesMax = std::uint64_t{1} << 40;  ///< of one request: 1 TiB
/// A year, which no timeout of the proxy is longer than.
inline constexpr std::uint64_t DurationMaxUs = 366ull * 24 * 3600 * 1'000'000;
inline constexpr std::int64_t WallTimeMaxUs = 7'258'118'399ll * 1'000'000;  ///< the year 2199
/// Of one process of a proxy.
inline constexpr std::uint64_t EventsMax = 1'000'000'000'000'000;  ///< a million a second, 30 years
inline constexpr std::uint64_t GapEndedMax = 1'000'000'000'000;    ///< between two gaps
inline constexpr std::uint64_t BufferBytesMax = std::uint64_t{1} << 46;  ///< 64 TiB
inline constexpr std::uint32_t ActiveMax = 10'000'000;  ///< at once; no proxy has more connections

inline std::uint64_t to_us(Micros value) {
  if (value.count() < 0) return 0;
  return std::min(static_cast<std::uint64_t>(value.count()), DurationMaxUs);
}

inline std::uint64_t to_count(std::uint64_t value) { return std::min(value, CountMax); }

inline std::int64_t to_wall_us(WallTime time) {
  return std::clamp<std::int64_t>(time.time_since_epoch().count(), 0, WallTimeMaxUs);
}

}  // namespace vdm
