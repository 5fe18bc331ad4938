#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace vdm::proxy {

/// What keeps retries from becoming the load that a struggling provider breaks
/// under: each request pays in a part of a retry, each retry takes a whole one out.
/// Over time there are no more than `percent` retries in a hundred requests, and
/// `burst` beyond that. Starts full, so that the first faults of a quiet day are
/// retried as well. Thread: its IoThread; each thread has its own.
class RetryBudget {
 public:
  RetryBudget(std::uint32_t percent, std::uint32_t burst)
      : percent_(percent),
        credit_max_(percent == 0 ? 0 : std::uint64_t{burst} * Retry),
        credit_(credit_max_) {}

  void request() { credit_ = std::min(credit_ + percent_, credit_max_); }
  bool has_retry() const { return credit_ >= Retry; }
  /// False, and nothing is taken, when there is none left.
  bool take_retry() {
    if (!has_retry()) return false;
    credit_ -= Retry;
    return true;
  }

 private:
  static constexpr std::uint64_t Retry = 100;  ///< in the hundredths that requests pay in

  std::uint64_t percent_;
  std::uint64_t credit_max_;
  std::uint64_t credit_;
};

}  // namespace vdm::proxy
