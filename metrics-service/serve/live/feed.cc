#include "metrics-service/serve/live/feed.h"

#include "common/base/sse.h"
#include "metrics-service/serve/report/rows_json.h"

namespace vdm::metrics {

std::string Feed::id(std::uint64_t revision) const {
  return Cursor{tracker_.epoch(), revision, tracker_.events_up_to(revision)}.text();
}

FeedText Feed::full(ClockPair now) {
  if (full_ && now.at - full_made_ < FullAge) return *full_;
  const auto view = std::make_shared<const View>(snapshot_of(tracker_, now));
  const std::string at = id(view->revision);
  const char* const event = kind_ == FeedKind::Updates ? "update" : "snapshot";
  TextThread::Write write = [view, at, event] {
    return sse_event(event, active_rows(*view, unix_seconds(view->server_time)), at);
  };
  if (kind_ == FeedKind::Multiplexed) {
    write = [view, at, event, epoch = tracker_.epoch(), settings = settings_] {
      return sse_event(event, multiplexed_snapshot(*view, epoch, settings), at);
    };
  }
  ++texts_made_;
  full_made_ = now.at;
  full_ = FeedText{.first = "",
                   .text = texts_.make(std::move(write)),
                   .revision = view->revision,
                   .told = tracker_.told()};
  return *full_;
}

FeedText Feed::reset(const std::string& reason, std::uint64_t lost, ClockPair now) {
  FeedText all = full(now);
  // Each `update` event already holds all rows.
  if (kind_ != FeedKind::Updates) all.first = sse_event("reset", reset_data(reason, lost));
  return all;
}

FeedText Feed::after(std::uint64_t revision, std::optional<std::uint64_t> told, ClockPair now) {
  if (const auto made = after_.find(revision); made != after_.end()) return made->second;
  FeedText text;
  if (revision < tracker_.oldest_revision()) {
    text = reset("too_old", tracker_.missed(told, tracker_.oldest_revision()), now);
  } else {
    text = FeedText{.first = "",
                    .text = text_after(revision, now),
                    .revision = tracker_.revision(),
                    .told = tracker_.told()};
  }
  after_.emplace(revision, text);
  return text;
}

std::shared_ptr<PendingText> Feed::text_after(std::uint64_t revision, ClockPair now) {
  const auto changes = std::make_shared<const View>(changes_of(tracker_, revision, now));
  ++texts_made_;
  if (kind_ == FeedKind::Updates) {
    const bool is_same = changes->active.empty() && changes->removed.empty();
    return is_same ? nullptr : full(now).text;
  }
  const auto data = kind_ == FeedKind::Deltas ? active_delta : multiplexed_delta;
  return texts_.make([changes, data, rows = rows_, publish = publish_, at = id(changes->revision)] {
    rows->begin(publish);
    const std::string written = data(*changes, *rows);
    return written.empty() ? "" : sse_event("delta", written, at);
  });
}

void Feed::forget() {
  full_.reset();
  after_.clear();
  ++publish_;
}

}  // namespace vdm::metrics
