#pragma once

#include <cstdint>

#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// Writes the summary line every so many completions: totals, averages, tokens, tools, models and
/// errors, cumulative since history begins, and labelled so. Thread: owner only.
class Summary {
 public:
  /// 0: never.
  Summary(const Tracker& tracker, std::uint64_t interval);

  /// History has been restored: count from here.
  void begin();
  /// The tracker may have changed. Cheap.
  void changed();

 private:
  std::uint64_t completed() const;
  void write() const;

  const Tracker& tracker_;
  std::uint64_t interval_;
  std::uint64_t next_ = 0;
};

}  // namespace vdm::metrics
