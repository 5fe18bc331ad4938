#pragma once

#include <map>
#include <string>
#include <string_view>

#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// Sums by provider and model, with filters, in the running-totals endpoint's format. A request
/// counts once, whether running or over; averages are over those that ended. Pure.

struct TotalsQuery {
  std::string provider = {};  ///< a glob; empty: all
  std::string model = {};
  bool with_active = true;
};

struct TotalsReport {
  struct Part {
    Split counters;
    WallTime last_accessed{};
  };
  struct Provider {
    Part rollup;
    std::map<std::string, Part, std::less<>> models;
  };

  TotalsQuery query;
  WallTime generated{};
  Counters summary;
  std::uint64_t active = 0;  ///< all running requests, whatever the filters
  WallTime since{};          ///< of the first report that is counted; the epoch: none yet
  bool restoring = false;    ///< history is still being read: the sums are too small
  WallTime last_accessed{};  ///< of all requests, whatever the filters
  std::map<std::string, Provider, std::less<>> providers;
};

TotalsReport totals_report(const Tracker& tracker, const TotalsQuery& query, ClockPair now);

std::string as_json(const TotalsReport& report);
std::string as_yaml(const TotalsReport& report);

}  // namespace vdm::metrics
