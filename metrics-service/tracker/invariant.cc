#include <algorithm>
#include <string>
#include <utility>

#include "metrics-service/tracker/tracker_state.h"

namespace vdm::metrics {

std::string Tracker::broken_invariant() const {
  const auto differs = [](const std::string& what, std::uint64_t a, std::uint64_t b) {
    return a == b ? std::string()
                  : what + ": " + std::to_string(a) + " is not " + std::to_string(b);
  };
  for (const auto& [id, i] : state_->instances) {
    std::string broken = differs("instance " + id + ": started, ended + lost + active", i.started,
                                 i.ended + i.lost + i.active);
    if (broken.empty()) {
      broken = differs("instance " + id + ": active, rows", i.active, i.requests.size());
    }
    if (broken.empty() && i.lost_in_gap > std::min(i.lost, i.gap_declared)) {
      broken = "instance " + id + ": more lost in gaps than lost or in gaps";
    }
    if (!broken.empty()) return broken;
  }
  const Counts counts = this->counts();
  const auto check = [&](const std::string& what, const Bucket& sum) {
    std::string broken =
        differs(what + ".requests, ended", sum.counters.total.requests, counts.ended);
    if (broken.empty())
      broken = differs(what + ".lost, lost", sum.counters.total.lost, counts.lost);
    if (broken.empty()) broken = differs(what + ".active, active", sum.active, counts.active);
    Counters halves = sum.counters.streaming;
    halves.add(sum.counters.non_streaming);
    if (broken.empty() && halves != sum.counters.total)
      broken = what + ": split differs from total";
    return broken;
  };
  Bucket providers;
  Bucket models;
  for (const auto& [name, provider] : totals().providers()) {
    providers.merge(provider.rollup);
    for (const auto& [model, bucket] : provider.models) models.merge(bucket);
  }
  for (const auto& [what, sum] :
       {std::pair<std::string, const Bucket*>{"summary", &totals().summary()},
        {"providers", &providers},
        {"models", &models}}) {
    if (std::string broken = check(what, *sum); !broken.empty()) return broken;
  }
  return "";
}

}  // namespace vdm::metrics
