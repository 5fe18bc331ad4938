#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// What the outside sees of the tracker, as plain rows: all of it, or what has changed
/// after a revision. Every feed and every query is made from these, so that they cannot
/// disagree. Pure.

/// A provider's rollup (no model) or one model of it. The bucket is the tracker's own: read it
/// before the tracker is told anything more.
struct TotalsView {
  std::string_view provider;
  std::optional<std::string_view> model;
  const Bucket* bucket = nullptr;
};

struct View {
  std::uint64_t revision = 0;
  WallTime server_time{};
  std::vector<ActiveView> active;    ///< newest first; those that changed
  std::vector<std::string> removed;  ///< ids that were active and are not now
  const Bucket* summary = nullptr;   ///< null: unchanged
  std::vector<TotalsView> providers;
  std::vector<TotalsView> models;
  std::optional<std::vector<ProxyView>> proxies;  ///< all of them, when any changed
  std::vector<TracePtr> traces;                   ///< newest first
  std::vector<TracePtr> errors;
  std::vector<Second> series;  ///< oldest first
  std::optional<std::vector<std::string>> degraded;
};

/// Everything there is to see.
View snapshot_of(const Tracker& tracker, ClockPair now);
/// What changed after `revision`, which events_after() can continue.
View changes_of(const Tracker& tracker, std::uint64_t revision, ClockPair now);

}  // namespace vdm::metrics
