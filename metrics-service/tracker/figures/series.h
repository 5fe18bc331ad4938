#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "proto/contract/event.h"

namespace vdm::metrics {

/// What happened in one second of wall time.
struct Second {
  std::int64_t t = 0;  ///< Unix seconds
  std::uint32_t started = 0;
  std::uint32_t ended = 0;
  std::uint32_t errors = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::uint64_t changed_at = 0;  ///< revision
};

/// The last 300 seconds, one by one. Seconds in which nothing happened take no
/// part. Thread: owner only.
class Series {
 public:
  static constexpr std::int64_t Length = 300;

  /// The second that holds `wall`, to be added to; null: it is too old.
  Second* at(WallTime wall, std::uint64_t revision);
  /// Oldest first, those changed after `revision`, none older than Length before `now`.
  std::vector<Second> since(WallTime now, std::uint64_t revision) const;

 private:
  std::array<Second, Length> seconds_{};
};

}  // namespace vdm::metrics
