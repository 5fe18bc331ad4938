#include "proxy-service/retry/circuit_breaker.h"

#include <algorithm>

namespace vdm::proxy {

using std::chrono::milliseconds;

CallResult result_of(int status) {
  if (status >= 500) return CallResult::Failed;
  const bool about_the_moment = status == 401 || status == 403 || status == 408 || status == 429;
  return about_the_moment ? CallResult::Neither : CallResult::Succeeded;
}

std::int64_t CircuitBreaker::slice_at(MonotonicTime now) const {
  const auto slice = std::max(options_.window / static_cast<int>(Slices), milliseconds(1));
  return now.time_since_epoch() / slice;
}

CircuitBreaker::State CircuitBreaker::state(MonotonicTime now) const {
  return state_ == State::Open && now >= open_until_ ? State::HalfOpen : state_;
}

milliseconds CircuitBreaker::open_for(MonotonicTime now) const {
  if (state(now) != State::Open) return milliseconds(0);
  return std::chrono::ceil<milliseconds>(open_until_ - now);
}

void CircuitBreaker::enter(State state, MonotonicTime now) {
  state_ = state;
  since_ = now;
  ++period_;
  slices_ = {};
  probes_out_ = 0;
  probes_succeeded_ = 0;
}

void CircuitBreaker::open(MonotonicTime now, double chance) {
  constexpr double PartOfChance = 0.5;
  enter(State::Open, now);
  open_until_ =
      now + std::chrono::ceil<milliseconds>((1 - PartOfChance * chance) *
                                            std::chrono::duration<double, std::milli>(open_for_));
}

void CircuitBreaker::open_longer(MonotonicTime now, double chance) {
  open_for_ = std::min(open_for_ * 2, options_.open_max);
  open(now, chance);
}

std::optional<CircuitBreaker::Permit> CircuitBreaker::admit(MonotonicTime now) {
  if (state_ == State::Closed) return Permit(period_);
  if (state(now) == State::Open) return std::nullopt;
  // Probes whose results never come must not keep the breaker half-open for ever.
  const bool lost = state_ == State::HalfOpen && now - since_ >= options_.open_max;
  if (state_ == State::Open || lost) enter(State::HalfOpen, now);
  if (probes_out_ + probes_succeeded_ >= options_.probes) return std::nullopt;
  ++probes_out_;
  return Permit(period_);
}

void CircuitBreaker::record(Permit permit, CallResult result, MonotonicTime now, double chance) {
  if (permit.period_ != period_ || options_.failure_percent == 0) return;
  if (state_ == State::HalfOpen) return judge_probe(result, now, chance);
  if (result == CallResult::Neither) return;
  Slice& slice = current_slice(now);
  ++slice.calls;
  if (result != CallResult::Failed) return;
  ++slice.failed;
  if (fails_too_often(now)) open(now, chance);
}

void CircuitBreaker::broke_off(Permit permit, MonotonicTime succeeded_at, MonotonicTime now,
                               double chance) {
  if (options_.failure_percent == 0) return;
  const bool same_period = permit.period_ == period_;
  if (state_ == State::HalfOpen && same_period) return open_longer(now, chance);
  if (state_ != State::Closed) return;
  Slice& slice = current_slice(now);
  const std::int64_t oldest = slice.index - static_cast<std::int64_t>(Slices) + 1;
  const bool is_counted = same_period && slice_at(succeeded_at) >= oldest;
  if (!is_counted) ++slice.calls;
  ++slice.failed;
  if (fails_too_often(now)) open(now, chance);
}

void CircuitBreaker::judge_probe(CallResult result, MonotonicTime now, double chance) {
  --probes_out_;
  if (result == CallResult::Failed) return open_longer(now, chance);
  if (result == CallResult::Neither || ++probes_succeeded_ < options_.probes) return;
  open_for_ = options_.open;
  enter(State::Closed, now);
}

CircuitBreaker::Slice& CircuitBreaker::current_slice(MonotonicTime now) {
  const std::int64_t index = slice_at(now);
  Slice& slice = slices_[static_cast<std::size_t>(index) % Slices];
  if (slice.index != index) slice = {.index = index};
  return slice;
}

bool CircuitBreaker::fails_too_often(MonotonicTime now) const {
  const std::int64_t index = slice_at(now);
  std::uint64_t calls = 0;
  std::uint64_t failed = 0;
  for (const Slice& slice : slices_) {
    if (slice.index <= index - static_cast<std::int64_t>(Slices)) continue;
    calls += slice.calls;
    failed += slice.failed;
  }
  return calls >= options_.calls_min && failed * 100 >= calls * options_.failure_percent;
}

}  // namespace vdm::proxy
