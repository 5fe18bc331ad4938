#include "metrics-service/tracker/figures/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vdm::metrics {

std::size_t Histogram::index_of(std::uint64_t micros) {
  if (micros < (1ull << FirstOctave)) return 0;
  const auto octave = static_cast<std::size_t>(std::bit_width(micros) - 1);
  if (octave >= LastOctave) return Size - 1;
  const auto eighth = static_cast<std::size_t>((micros >> (octave - 3)) & 7);
  return 1 + (octave - FirstOctave) * PerOctave + eighth;
}

std::uint64_t Histogram::lower_edge(std::size_t index) {
  if (index == 0) return 0;
  const std::size_t octave = FirstOctave + (index - 1) / PerOctave;
  const std::uint64_t eighth = (index - 1) % PerOctave;
  return (8 + eighth) << (octave - 3);
}

void Histogram::add(Micros value) {
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.count()));
  ++counts_[index_of(micros)];
  ++count_;
  sum_ += Micros(static_cast<std::int64_t>(micros));
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < Size; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
}

std::optional<Micros> Histogram::percentile(double fraction) const {
  if (count_ == 0) return std::nullopt;
  const double wanted = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_);
  double below = 0;
  for (std::size_t i = 0; i < Size; ++i) {
    const double here = counts_[i];
    if (here > 0 && below + here >= wanted) {
      const auto low = static_cast<double>(lower_edge(i));
      const auto high = i + 1 < Size ? static_cast<double>(lower_edge(i + 1)) : low;
      const double part = std::max(0.0, wanted - below) / here;
      return Micros(std::llround(low + (high - low) * part));
    }
    below += here;
  }
  return Micros(static_cast<std::int64_t>(lower_edge(Size - 1)));
}

std::uint64_t Histogram::count_below(Micros bound) const {
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(0, bound.count()));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < Size && (i == 0 ? micros > 0 : lower_edge(i) < micros); ++i) {
    below += counts_[i];
  }
  return below;
}

}  // namespace vdm::metrics
