#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "proto/contract/event.h"

namespace vdm::metrics {

/// Counts of one second of wall time.
struct Second {
  std::int64_t t = 0;  ///< Unix seconds
  std::uint32_t started = 0;
  std::uint32_t ended = 0;
  std::uint32_t errors = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::uint64_t changed_at = 0;  ///< revision of the tracker
};

/// The last 300 seconds, one entry each. Seconds in which nothing happened have none. Thread: owner
/// only.
class Series {
 public:
  static constexpr std::int64_t Length = 300;

  /// The entry of the second that holds `wall`, for adding to it; null when that is too long ago.
  Second* at(WallTime wall, std::uint64_t revision);
  /// The entries that changed after `revision`, oldest first, none older than Length before `now`.
  std::vector<Second> since(WallTime now, std::uint64_t revision) const;

 private:
  std::array<Second, Length> seconds_{};
};

}  // namespace vdm::metrics
