#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "metrics-service/serve/live/feed_json.h"
#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// The three live feeds.
enum class FeedKind {
  Updates,      ///< `update` with all rows, each time a row changes
  Deltas,       ///< `snapshot`, then `delta`
  Multiplexed,  ///< the same for all that the dashboard shows
};

/// A text that is sent as it is to every reader that stands where it begins.
struct FeedText {
  std::shared_ptr<const std::string> text;  ///< whole events; empty: nothing to say
  std::uint64_t revision = 0;               ///< where its readers stand afterwards
};

/// The texts of one feed: made when first asked for, shared by all readers until forget(). Memory:
/// one text for each place that readers stand at. Thread: owner only.
class Feed {
 public:
  Feed(FeedKind kind, const Tracker& tracker, FeedSettings settings)
      : kind_(kind), tracker_(tracker), settings_(settings) {}

  /// All there is.
  FeedText full(ClockPair now);
  /// What changed after `revision`; when that cannot be said any more, a reset and all there is.
  FeedText after(std::uint64_t revision, ClockPair now);
  /// A reset and all there is, for a cursor that cannot be continued.
  FeedText reset(const std::string& reason, std::uint64_t lost, ClockPair now);
  /// The tracker has moved on.
  void forget();

  std::uint64_t texts_made() const { return texts_made_; }
  /// Rows that were written as JSON for deltas.
  std::uint64_t rows_written() const { return rows_.written(); }

 private:
  /// How old a text with everything may be: its durations and its clock are as of when it was made.
  static constexpr std::chrono::milliseconds FullAge{100};

  std::string id(std::uint64_t revision) const;
  std::string text_after(std::uint64_t revision, ClockPair now);

  FeedKind kind_;
  const Tracker& tracker_;
  FeedSettings settings_;
  std::optional<FeedText> full_;
  MonotonicTime full_made_{};
  std::map<std::uint64_t, FeedText> after_;  ///< by where the reader stood
  RowTexts rows_;
  std::uint64_t texts_made_ = 0;
};

}  // namespace vdm::metrics
