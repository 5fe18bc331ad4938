#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#include "proto/contract/event.h"

namespace vdm::metrics {

/// Tokens per second over the last three seconds of a request's own time. Plain data.
class TokenRate {
 public:
  static constexpr Micros Window = std::chrono::seconds(3);

  /// `elapsed` must not be lower than in the call before.
  void add(Micros elapsed, std::uint64_t tokens) {
    if (size_ > 0 && samples_[size_ - 1].elapsed == elapsed) --size_;
    std::size_t outdated = 0;  // samples older than the window, except the newest of them
    while (outdated + 1 < size_ && samples_[outdated + 1].elapsed + Window <= elapsed) ++outdated;
    if (size_ - outdated == Max) ++outdated;
    for (std::size_t i = outdated; i < size_; ++i) samples_[i - outdated] = samples_[i];
    size_ -= outdated;
    samples_[size_++] = Sample{elapsed, tokens};
  }

  bool empty() const { return size_ == 0; }

  /// `silent` is the time since the last sample.
  std::optional<double> per_second(Micros silent) const {
    if (size_ < 2) return std::nullopt;
    const Sample& last = samples_[size_ - 1];
    if (silent >= Window) return 0.0;
    const Sample& first = samples_[0];
    if (last.tokens <= first.tokens) return 0.0;
    return static_cast<double>(last.tokens - first.tokens) * 1e6 /
           static_cast<double>((last.elapsed - first.elapsed).count());
  }

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    std::vector<Sample> samples;
    if constexpr (std::is_const_v<Self>) {
      samples.assign(self.samples_.data(), self.samples_.data() + self.size_);
    }
    archive(1, samples);
    if constexpr (!std::is_const_v<Self>) {
      self.size_ = std::min(samples.size(), Max);
      std::copy_n(samples.begin(), self.size_, self.samples_.begin());
    }
  }

 private:
  static constexpr std::size_t Max = 12;
  struct Sample {
    Micros elapsed{0};
    std::uint64_t tokens = 0;

    template <class Self, class Archive>
    static void list_fields(Self& self, Archive& archive) {
      archive(1, self.elapsed);
      archive(2, self.tokens);
    }
  };
  std::array<Sample, Max> samples_{};
  std::size_t size_ = 0;
};

}  // namespace vdm::metrics
