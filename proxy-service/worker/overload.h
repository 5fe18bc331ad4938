#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "common/base/clock.h"
#include "proxy-service/config/config.h"
#include "proxy-service/worker/refusal.h"

namespace vdm::proxy {

/// What the process has too little of for one more request.
enum class Shortage : std::uint8_t { None, Requests, Time, Memory };
inline constexpr std::size_t Shortages = static_cast<std::size_t>(Shortage::Memory) + 1;

/// How busy the process is.
struct Load {
  MonotonicTime::duration delay{};  ///< that its thread lets what is readable wait
  double memory = 0;                ///< the part in use of what it may have
};

/// Decides which requests of a thread may begin. While the delay is above its limit, ever fewer do,
/// and while it is below, ever more: the thread then has as much to do as it can, and those it
/// refuses wait no longer than the others. Well above the limit none does. By memory: from
/// `memory_percent` on, ever more are refused, and all from two thirds of the way to 100 on (85:
/// all from 95 on). Pure. Thread: its IoThread.
class LoadShedding {
 public:
  static constexpr std::chrono::milliseconds Step{10};

  /// Whether judge() admits all: most often so, and then no chance need be drawn.
  bool admits_all(const OverloadLimits& limits, const Load& load) const {
    return share_ == 1 && !is_late(limits, load) && !is_full(limits, load);
  }
  /// `chance`: from 0 up to 1.
  Shortage judge(const OverloadLimits& limits, const Load& load, MonotonicTime now, double chance);
  /// The part of the requests that may begin, as far as the delay goes.
  double share() const { return share_; }

 private:
  static bool is_late(const OverloadLimits& limits, const Load& load) {
    return limits.delay_max.count() > 0 && load.delay > limits.delay_max;
  }
  static bool is_full(const OverloadLimits& limits, const Load& load) {
    return limits.memory_percent > 0 && load.memory * 100 >= limits.memory_percent;
  }
  Shortage judge_delay(const OverloadLimits& limits, const Load& load, MonotonicTime now,
                       double chance);

  double share_ = 1;
  MonotonicTime stepped_at_{};
};

/// The refusal says what is short and which setting moves the limit.
Refusal refusal_of(Shortage shortage);

/// Counts the requests in hand of the process, while there is a limit on them. Thread: any.
class RequestsInHand {
 public:
  /// One request's place, until it goes.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (of_ != nullptr) of_->count_.fetch_sub(1, std::memory_order_relaxed);
    }
    bool given() const { return of_ != nullptr; }

   private:
    friend class RequestsInHand;
    explicit Place(RequestsInHand& of) : of_(&of) {}
    RequestsInHand* of_ = nullptr;
  };

  /// Not given when so many have one.
  Place take(std::size_t requests_max) {
    Place place(*this);
    const bool fits = count_.fetch_add(1, std::memory_order_relaxed) < requests_max;
    return fits ? std::move(place) : Place();
  }

 private:
  std::atomic<std::size_t> count_{0};
};

}  // namespace vdm::proxy
