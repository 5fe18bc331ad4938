#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "common/base/clock.h"

namespace vdm::metrics {

/// Decides which days of history may be deleted. The wall clock alone is no evidence: one that is
/// set 40 days ahead would delete everything. A day is outdated when the clock says that it is
/// older than the days to keep, and
/// - either has said so for a whole day of this process's own time,
/// - or a week more of later days than are to be kept have files of their own, all before today.
/// Pure but for what it remembers. Thread: one at a time.
class Retention {
 public:
  static constexpr std::chrono::hours Confirmed{24};
  static constexpr int MoreDays = 7;

  explicit Retention(int days_kept) : days_kept_(days_kept) {}

  /// `days`: those that have files, ascending, each as "2026-11-28".
  std::vector<std::string> outdated(const std::vector<std::string>& days, const std::string& today,
                                    MonotonicTime now);

 private:
  int days_kept_;
  std::map<std::string, MonotonicTime> seen_outdated_;  ///< since when, without a break
};

}  // namespace vdm::metrics
