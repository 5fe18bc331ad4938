#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace vdm::proxy {

/// Limits retries, so that they do not add load to a provider that is failing. Each request pays a
/// part of a retry in, and each retry takes a whole one out: over time at most `percent` retries in
/// a hundred requests, and `burst` beyond that. It starts full, so that the first failures after a
/// quiet time are retried. Thread: its IoThread; each worker has its own.
class RetryBudget {
 public:
  RetryBudget(std::uint32_t percent, std::uint32_t burst)
      : percent_(percent),
        credit_max_(percent == 0 ? 0 : std::uint64_t{burst} * Retry),
        credit_(credit_max_) {}

  void request() { credit_ = std::min(credit_ + percent_, credit_max_); }
  bool has_retry() const { return credit_ >= Retry; }
  /// False, and the budget stays as it is, when less than one retry is left.
  bool take_retry() {
    if (!has_retry()) return false;
    credit_ -= Retry;
    return true;
  }

 private:
  static constexpr std::uint64_t Retry = 100;  ///< one retry, in the unit that requests pay in

  std::uint64_t percent_;
  std::uint64_t credit_max_;
  std::uint64_t credit_;
};

}  // namespace vdm::proxy
