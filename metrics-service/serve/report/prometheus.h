#pragma once

#include <string>

#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// What the process knows besides the tracker.
struct ProcessFigures {
  std::string version = {};
  std::string commit = {};
  std::size_t live_readers = 0;
  std::size_t subscribers = 0;
};

/// Prometheus text, format 0.0.4. Labels are bounded by the tracker's own bound on
/// distinct models; histograms are by provider alone. Pure.
std::string prometheus_text(const Tracker& tracker, const ProcessFigures& figures, ClockPair now);

}  // namespace vdm::metrics
