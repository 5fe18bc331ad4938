#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// What the tracker shows to the outside, as plain rows: everything, or what changed after a
/// revision. Every feed and every query uses these rows, so that they cannot disagree. Pure.

/// The sums of a provider (no model) or of one of its models.
struct TotalsView {
  std::string provider;
  std::optional<std::string> model;
  std::shared_ptr<const Bucket> bucket;
};

/// It holds all that it shows, and nobody alters that: another thread may read it while the tracker
/// goes on.
struct View {
  std::uint64_t revision = 0;
  WallTime server_time{};
  std::vector<ActiveView> active;         ///< newest first; in changes_of() those that changed
  std::vector<std::string> removed;       ///< ids that are no longer active
  std::shared_ptr<const Bucket> summary;  ///< null: unchanged
  std::vector<TotalsView> providers;
  std::vector<TotalsView> models;
  std::optional<std::vector<ProxyView>> proxies;  ///< all proxies, when any of them changed
  std::vector<TracePtr> traces;                   ///< newest first
  std::vector<TracePtr> errors;
  std::vector<Second> series;  ///< oldest first
  std::optional<std::vector<std::string>> degraded;
};

/// The whole state.
View snapshot_of(const Tracker& tracker, ClockPair now);
/// The changes after `revision`, from which events_after() must be able to continue.
View changes_of(const Tracker& tracker, std::uint64_t revision, ClockPair now);

}  // namespace vdm::metrics
