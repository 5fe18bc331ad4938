#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#include "proto/contract/event.h"

namespace vdm::metrics {

/// Counts durations in buckets, eight to an octave, from 64 µs to 71 minutes; a bucket is at most
/// an eighth wider than its lower edge. Adding two histograms gives right percentiles of both
/// together. Plain data.
class Histogram {
 public:
  void add(Micros value);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  Micros sum() const { return sum_; }
  /// The value that a `fraction` of all durations does not exceed, within a bucket's width.
  std::optional<Micros> percentile(double fraction) const;
  /// How many durations are below `bound`, rounded to the nearest edge of a bucket (each power of
  /// two in microseconds is an edge).
  std::uint64_t count_below(Micros bound) const;

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    std::vector<std::uint32_t> filled;  // of each bucket that is not empty: its place, its count
    if constexpr (std::is_const_v<Self>) {
      for (std::uint32_t i = 0; i < Size; ++i) {
        if (self.counts_[i] > 0) filled.insert(filled.end(), {i, self.counts_[i]});
      }
    }
    archive(1, self.count_);
    archive(2, self.sum_);
    archive(3, filled);
    if constexpr (!std::is_const_v<Self>) {
      for (std::size_t i = 0; i + 1 < filled.size(); i += 2) {
        if (filled[i] < Size) self.counts_[filled[i]] = filled[i + 1];
      }
    }
  }

 private:
  static constexpr std::size_t FirstOctave = 6;
  static constexpr std::size_t LastOctave = 32;
  static constexpr std::size_t PerOctave = 8;
  static constexpr std::size_t Size = (LastOctave - FirstOctave) * PerOctave + 2;

  static std::size_t index_of(std::uint64_t micros);
  static std::uint64_t lower_edge(std::size_t index);

  std::array<std::uint32_t, Size> counts_{};
  std::uint64_t count_ = 0;
  Micros sum_{0};
};

}  // namespace vdm::metrics
