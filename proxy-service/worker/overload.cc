#include "proxy-service/worker/overload.h"

#include <algorithm>

namespace vdm::proxy {
namespace {

constexpr double ShareMin = 0.02;
// A rested thread admits all again after a second. The steps are small near the limit, so that
// the share settles and the thread is never idle for having refused too many.
constexpr double MoreMost = 0.05;
constexpr double FewerMost = 0.1;

double next_share(double share, double delay, double delay_max) {
  const double over = delay / delay_max - 1;
  const double change = over < 0 ? -over * MoreMost : -std::min(over, 1.0) * FewerMost;
  return std::clamp(share * (1 + change), ShareMin, 1.0);
}

/// The part of the requests that is refused at this use of memory.
double refused_part(double used_percent, double from_percent) {
  const double all_from = from_percent + (100 - from_percent) * 2 / 3;
  return (used_percent - from_percent) / (all_from - from_percent);
}

}  // namespace

Shortage LoadShedding::judge(const OverloadLimits& limits, const Load& load, MonotonicTime now,
                             double chance) {
  if (judge_delay(limits, load, now, chance) != Shortage::None) return Shortage::Time;
  if (!is_full(limits, load)) return Shortage::None;
  const double from = static_cast<double>(limits.memory_percent);
  const double used = load.memory * 100;
  return from >= 100 || chance < refused_part(used, from) ? Shortage::Memory : Shortage::None;
}

Shortage LoadShedding::judge_delay(const OverloadLimits& limits, const Load& load,
                                   MonotonicTime now, double chance) {
  const bool late = is_late(limits, load);
  if (!late && share_ == 1) return Shortage::None;
  if (now - stepped_at_ >= Step) {
    stepped_at_ = now;
    share_ = next_share(share_, std::chrono::duration<double>(load.delay).count(),
                        std::chrono::duration<double>(limits.delay_max).count());
  }
  const bool is_very_late = late && load.delay > limits.delay_max * 5 / 3;
  return is_very_late || chance >= share_ ? Shortage::Time : Shortage::None;
}

Refusal refusal_of(Shortage shortage) {
  switch (shortage) {
    case Shortage::Requests:
      return {503, "overloaded",
              "the gateway has as many requests in hand as VDM_REQUESTS_MAX allows; try again "
              "shortly"};
    case Shortage::Memory:
      return {503, "overloaded",
              "the gateway's memory is almost used up (VDM_OVERLOAD_MEMORY_PERCENT); try again "
              "shortly"};
    case Shortage::Time:
    case Shortage::None:
      break;
  }
  return {503, "overloaded",
          "the gateway has more requests than it can serve in time (VDM_OVERLOAD_DELAY); try "
          "again shortly"};
}

}  // namespace vdm::proxy
