#include "metrics-service/tracker/figures/series.h"

#include <algorithm>

namespace vdm::metrics {
namespace {

std::int64_t second_of(WallTime wall) {
  return std::chrono::floor<std::chrono::seconds>(wall.time_since_epoch()).count();
}

}  // namespace

Second* Series::at(WallTime wall, std::uint64_t revision) {
  const std::int64_t t = second_of(wall);
  if (t <= 0) return nullptr;
  Second& second = seconds_[static_cast<std::size_t>(t % Length)];
  if (second.t > t) return nullptr;  // a newer second has overwritten this one
  if (second.t < t) second = Second{.t = t};
  second.changed_at = revision;
  return &second;
}

std::vector<Second> Series::since(WallTime now, std::uint64_t revision) const {
  const std::int64_t oldest = second_of(now) - Length;
  std::vector<Second> found;
  for (const Second& second : seconds_) {
    if (second.t > oldest && second.t != 0 && second.changed_at > revision) found.push_back(second);
  }
  std::ranges::sort(found, {}, &Second::t);
  return found;
}

}  // namespace vdm::metrics
