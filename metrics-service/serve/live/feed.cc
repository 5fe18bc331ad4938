#include "metrics-service/serve/live/feed.h"

#include "common/base/sse.h"
#include "metrics-service/serve/report/rows_json.h"

namespace vdm::metrics {

std::string Feed::id(std::uint64_t revision) const {
  return Cursor{tracker_.epoch(), revision, tracker_.events_up_to(revision)}.text();
}

FeedText Feed::full(ClockPair now) {
  if (full_ && now.at - full_made_ < FullAge) return *full_;
  const View view = snapshot_of(tracker_, now);
  std::string event;
  switch (kind_) {
    case FeedKind::Updates:
      event = sse_event("update", active_rows(view, unix_seconds(now.wall)), id(view.revision));
      break;
    case FeedKind::Deltas:
      event = sse_event("snapshot", active_rows(view, unix_seconds(now.wall)), id(view.revision));
      break;
    case FeedKind::Multiplexed:
      event = sse_event("snapshot", multiplexed_snapshot(view, tracker_.epoch(), settings_),
                        id(view.revision));
      break;
  }
  ++texts_made_;
  full_made_ = now.at;
  full_ = FeedText{std::make_shared<const std::string>(std::move(event)), view.revision,
                   tracker_.told()};
  return *full_;
}

FeedText Feed::reset(const std::string& reason, std::uint64_t lost, ClockPair now) {
  FeedText all = full(now);
  if (kind_ == FeedKind::Updates) return all;  // each `update` event already holds all rows
  const std::string event = sse_event("reset", reset_data(reason, lost));
  all.text = std::make_shared<const std::string>(event + *all.text);
  return all;
}

FeedText Feed::after(std::uint64_t revision, std::optional<std::uint64_t> told, ClockPair now) {
  if (const auto made = after_.find(revision); made != after_.end()) return made->second;
  FeedText text;
  if (revision < tracker_.oldest_revision()) {
    text = reset("too_old", tracker_.missed(told, tracker_.oldest_revision()), now);
  } else {
    text = FeedText{std::make_shared<const std::string>(text_after(revision, now)),
                    tracker_.revision(), tracker_.told()};
  }
  after_.emplace(revision, text);
  return text;
}

std::string Feed::text_after(std::uint64_t revision, ClockPair now) {
  const View changes = changes_of(tracker_, revision, now);
  ++texts_made_;
  switch (kind_) {
    case FeedKind::Updates: {
      if (changes.active.empty() && changes.removed.empty()) return "";
      return *full(now).text;
    }
    case FeedKind::Deltas: {
      const std::string data = active_delta(changes, rows_);
      return data.empty() ? "" : sse_event("delta", data, id(changes.revision));
    }
    case FeedKind::Multiplexed: {
      const std::string data = multiplexed_delta(changes, rows_);
      return data.empty() ? "" : sse_event("delta", data, id(changes.revision));
    }
  }
  std::abort();  // every feed is listed above; -Wswitch keeps it so
}

void Feed::forget() {
  full_.reset();
  after_.clear();
  rows_.forget();
}

}  // namespace vdm::metrics
