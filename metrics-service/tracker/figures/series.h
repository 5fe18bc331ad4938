#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
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

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.t);
    archive(2, self.started);
    archive(3, self.ended);
    archive(4, self.errors);
    archive(5, self.input_tokens);
    archive(6, self.output_tokens);
    archive(7, self.changed_at);
  }
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

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    std::vector<Second> known;
    if constexpr (std::is_const_v<Self>) {
      for (const Second& second : self.seconds_) {
        if (second.t > 0) known.push_back(second);
      }
    }
    archive(1, known);
    if constexpr (!std::is_const_v<Self>) {
      for (const Second& second : known) {
        if (second.t > 0) self.seconds_[static_cast<std::size_t>(second.t % Length)] = second;
      }
    }
  }

 private:
  std::array<Second, Length> seconds_{};
};

}  // namespace vdm::metrics
