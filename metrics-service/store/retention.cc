#include "metrics-service/store/retention.h"

#include <algorithm>
#include <cstddef>

#include "metrics-service/store/history_days.h"

namespace vdm::metrics {

std::vector<std::string> Retention::outdated(const std::vector<std::string>& days,
                                             const std::string& today, MonotonicTime now) {
  const std::string first_kept = HistoryDays::days_before(today, days_kept_);
  std::map<std::string, MonotonicTime> seen;
  std::vector<std::string> found;
  for (const std::string& day : days) {
    if (day >= first_kept) continue;
    const auto before = seen_outdated_.find(day);
    const MonotonicTime since = before == seen_outdated_.end() ? now : before->second;
    seen.emplace(day, since);
    const auto later = std::ranges::count_if(
        days, [&](const std::string& other) { return other > day && other < today; });
    if (now - since >= Confirmed || later > days_kept_ + MoreDays) found.push_back(day);
  }
  seen_outdated_ = std::move(seen);
  return found;
}

}  // namespace vdm::metrics
