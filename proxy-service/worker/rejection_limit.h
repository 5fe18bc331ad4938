#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "common/base/clock.h"
#include "common/base/ip_address.h"

namespace vdm::proxy {

/// Decides which requests that are refused before their route is found are reported one by one. A
/// flood of them would otherwise fill the pipe to the metrics service, its lists and its history.
/// In each second it lets through PerPeer from one address (an IPv6 address counts as its 64-bit
/// network) and InAll from all together; it counts the rest. Thread: any.
class RejectionLimit {
 public:
  static constexpr std::size_t PerPeer = 3;
  static constexpr std::size_t InAll = 20;

  /// Whether the rejection of a request from there is reported.
  bool take(const IpAddress& from, MonotonicTime now);
  /// How many were not, since the process started.
  std::uint64_t unlisted() const { return unlisted_.load(std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  MonotonicTime second_{};  ///< when the current second began
  std::array<IpAddress, InAll> taken_{};
  std::size_t taken_size_ = 0;
  std::atomic<std::uint64_t> unlisted_{0};
};

}  // namespace vdm::proxy
