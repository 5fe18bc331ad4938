#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics::v1 {
class Filter;
}

namespace vdm::metrics {

/// Selects the events that a subscriber asked for. Every field that is set must match; texts are
/// globs. Pure. Thread: any.
class EventFilter {
 public:
  EventFilter() = default;
  /// Refuses a field that is too long or has an unknown value, and names the field.
  static Result<EventFilter> from(const v1::Filter& filter);

  bool matches(const LiveEvent& event) const;
  /// Kinds and outcomes are not compared: a running request has neither.
  bool matches(const ActiveView& active) const;
  bool matches(const Trace& trace) const;
  bool matches(const ProxyView& proxy) const;
  /// Whether all that it can select is in history.
  bool selects_kept_only() const;

 private:
  bool matches_facts(const RequestFacts* facts) const;
  bool matches_outcome(Outcome outcome) const;

  std::vector<int> kinds_;  // values of v1::EventKind
  std::vector<Outcome> outcomes_;
  std::string provider_;
  std::string model_;
  std::string proxy_;
  std::string client_label_;
};

}  // namespace vdm::metrics
