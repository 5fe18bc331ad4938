#pragma once

#include <string>

#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// Figures about the process that the tracker does not have.
struct ProcessFigures {
  std::string version = {};
  std::string commit = {};
  std::size_t live_readers = 0;
  std::size_t subscribers = 0;
};

/// Prometheus text, format 0.0.4. The number of label values is bounded, since the tracker bounds
/// distinct models; histograms are by provider only. Pure.
std::string prometheus_text(const Tracker& tracker, const ProcessFigures& figures, ClockPair now);

}  // namespace vdm::metrics
