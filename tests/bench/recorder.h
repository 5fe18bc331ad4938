#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vdm::bench {

/// Durations of one kind; percentiles are computed from all of them, without sampling.
class Samples {
 public:
  void add(std::chrono::nanoseconds value) { values_.push_back(value.count()); }
  void clear() { values_.clear(); }
  void reserve(std::size_t count) { values_.reserve(count); }

  double percentile_us(double percent) {
    if (values_.empty()) return 0;
    std::sort(values_.begin(), values_.end());
    const auto last = static_cast<double>(values_.size() - 1);
    const auto at = static_cast<std::size_t>(last * percent / 100 + 0.5);
    return static_cast<double>(values_[at]) / 1000;
  }

 private:
  std::vector<std::int64_t> values_;
};

/// What a load run has recorded since the last clear().
struct Recorder {
  std::uint64_t finished = 0;
  std::uint64_t refused = 0;  ///< with 503 and Retry-After, where that is no failure
  std::uint64_t failed = 0;
  std::string first_failure;
  Samples latency;
  Samples first_byte;
  Samples refusal;  ///< until a refusal was whole

  void clear() { *this = {}; }
  void fail(std::string why) {
    if (failed++ == 0) first_failure = std::move(why);
  }
};

}  // namespace vdm::bench
