#include "metrics-service/tracker/view.h"

#include <algorithm>
#include <set>

namespace vdm::metrics {
namespace {

constexpr std::size_t All = 1'000'000;

std::shared_ptr<const Bucket> copy_of(const Bucket& bucket) {
  return std::make_shared<const Bucket>(bucket);
}

void add_totals(View& view, const Totals& totals, std::uint64_t revision, bool all) {
  const auto wanted = [&](const Bucket& bucket) { return all || bucket.changed_at > revision; };
  if (wanted(totals.summary())) view.summary = copy_of(totals.summary());
  for (const auto& [name, provider] : totals.providers()) {
    if (!wanted(provider.rollup)) continue;
    view.providers.push_back({name, std::nullopt, copy_of(provider.rollup)});
    for (const auto& [model, bucket] : provider.models) {
      if (wanted(bucket)) view.models.push_back({name, model, copy_of(bucket)});
    }
  }
}

}  // namespace

View snapshot_of(const Tracker& tracker, ClockPair now) {
  View view;
  view.revision = tracker.revision();
  view.server_time = now.wall;
  view.active = tracker.active(now);
  add_totals(view, tracker.totals(), 0, true);
  view.proxies = tracker.proxies();
  view.traces = tracker.traces(All);
  view.errors = tracker.errors(All);
  view.series = tracker.series().since(now.wall, 0);
  view.degraded = tracker.degraded();
  return view;
}

View changes_of(const Tracker& tracker, std::uint64_t revision, ClockPair now) {
  View view;
  view.revision = tracker.revision();
  view.server_time = now.wall;
  if (view.revision == revision) return view;

  view.active = tracker.active_changed_after(revision, now);
  std::set<std::string> removed;
  for (const LiveEventPtr& event : tracker.events_after(revision).events) {
    if (!std::holds_alternative<Ended>(event->kind) && !std::holds_alternative<Lost>(event->kind)) {
      continue;
    }
    const std::string& id = event->facts->request_id;
    if (!tracker.is_active(id)) removed.insert(id);
  }
  view.removed.assign(removed.begin(), removed.end());

  add_totals(view, tracker.totals(), revision, false);
  if (tracker.proxies_changed_at() > revision) view.proxies = tracker.proxies();
  view.traces = tracker.traces_changed_after(revision);
  view.errors = tracker.errors_changed_after(revision);
  view.series = tracker.series().since(now.wall, revision);
  if (tracker.degraded_changed_at() > revision) view.degraded = tracker.degraded();
  return view;
}

}  // namespace vdm::metrics
