#pragma once

#include <cstdint>

#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// Logs a summary line after every `interval` completions: totals, averages, tokens, tools, models
/// and errors, cumulative since the history's beginning and labelled so. Thread: owner only.
class Summary {
 public:
  /// With an interval of 0 it logs nothing.
  Summary(const Tracker& tracker, std::uint64_t interval);

  /// Counts from the present totals. Call it when history has been restored.
  void begin();
  /// Call it when the tracker may have changed. Cheap.
  void changed();

 private:
  std::uint64_t completed() const;
  void write() const;

  const Tracker& tracker_;
  std::uint64_t interval_;
  std::uint64_t next_ = 0;
};

}  // namespace vdm::metrics
