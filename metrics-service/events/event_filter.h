#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics::v1 {
class Filter;
}

namespace vdm::metrics {

/// What a subscriber wants to see. Every member that is set must match; texts
/// are globs. Pure. Thread: any.
class EventFilter {
 public:
  EventFilter() = default;
  /// Refuses what is too long or not a known value, naming the field.
  static Result<EventFilter> from(const v1::Filter& filter);

  bool matches(const LiveEvent& event) const;
  /// Kinds and outcomes say nothing of a request that runs.
  bool matches(const ActiveView& active) const;
  bool matches(const Trace& trace) const;
  bool matches(const ProxyView& proxy) const;

 private:
  bool matches_facts(const RequestFacts* facts) const;
  bool matches_outcome(Outcome outcome) const;

  std::vector<int> kinds_;  // v1::EventKind
  std::vector<Outcome> outcomes_;
  std::string provider_;
  std::string model_;
  std::string proxy_;
  std::string client_label_;
};

}  // namespace vdm::metrics
