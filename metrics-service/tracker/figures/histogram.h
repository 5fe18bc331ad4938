#pragma once

#include <array>
#include <cstdint>
#include <optional>

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
