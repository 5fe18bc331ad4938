#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "proto/contract/event.h"
#include "proxy-service/worker/overload.h"

namespace vdm::proxy {

/// How many requests one thread has begun, and how they ended. Thread: begin() and end() its
/// IoThread; the rest any, and what it reads may be a moment old.
class RequestCounts {
 public:
  static constexpr std::size_t Outcomes = static_cast<std::size_t>(Outcome::Lost) + 1;

  void begin() { add(begun_); }
  void shed(Shortage what) { add(shed_[static_cast<std::size_t>(what)]); }
  void end(Outcome outcome) { add(ended_[static_cast<std::size_t>(outcome)]); }

  std::uint64_t begun() const { return begun_.load(std::memory_order_relaxed); }
  std::uint64_t ended(Outcome outcome) const {
    return ended_[static_cast<std::size_t>(outcome)].load(std::memory_order_relaxed);
  }
  /// Of the rejected ones: those that the thread had too little of something for.
  std::uint64_t shed_for(Shortage what) const {
    return shed_[static_cast<std::size_t>(what)].load(std::memory_order_relaxed);
  }

 private:
  /// Only one thread writes, so that no other's cache line need be locked.
  static void add(std::atomic<std::uint64_t>& count) {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> begun_{0};
  std::array<std::atomic<std::uint64_t>, Outcomes> ended_{};
  std::array<std::atomic<std::uint64_t>, Shortages> shed_{};
};

}  // namespace vdm::proxy
