#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// How many requests one thread has begun, and how they ended. Thread: begin() and end() its
/// IoThread; the rest any, and what it reads may be a moment old.
class RequestCounts {
 public:
  static constexpr std::size_t Outcomes = static_cast<std::size_t>(Outcome::Lost) + 1;

  void begin() { add(begun_); }
  void end(Outcome outcome) { add(ended_[static_cast<std::size_t>(outcome)]); }

  std::uint64_t begun() const { return begun_.load(std::memory_order_relaxed); }
  std::uint64_t ended(Outcome outcome) const {
    return ended_[static_cast<std::size_t>(outcome)].load(std::memory_order_relaxed);
  }

 private:
  /// Only one thread writes, so that no other's cache line need be locked.
  static void add(std::atomic<std::uint64_t>& count) {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> begun_{0};
  std::array<std::atomic<std::uint64_t>, Outcomes> ended_{};
};

}  // namespace vdm::proxy
