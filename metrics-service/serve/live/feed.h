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
  Multiplexed,  ///< like Deltas, for everything the dashboard shows
};

/// A text that is sent unchanged to every reader that has the same revision.
struct FeedText {
  std::shared_ptr<const std::string> text;  ///< whole events; an empty text: nothing to send
  std::uint64_t revision = 0;               ///< the revision that a reader has after this text
  std::uint64_t told = 0;                   ///< how many events were told up to there
};

/// The texts of one feed. Each is made when a reader first needs it and shared by all readers until
/// forget(). Memory: one text for each revision that a reader has. Thread: owner only.
class Feed {
 public:
  Feed(FeedKind kind, const Tracker& tracker, FeedSettings settings)
      : kind_(kind), tracker_(tracker), settings_(settings) {}

  /// The whole present state.
  FeedText full(ClockPair now);
  /// The changes after `revision`; a reset and the whole state when the tracker has forgotten them.
  /// `told`: how many events the reader was told with what it has, if that is known.
  FeedText after(std::uint64_t revision, std::optional<std::uint64_t> told, ClockPair now);
  /// A reset and the whole state, for a cursor from which the feed cannot continue.
  FeedText reset(const std::string& reason, std::uint64_t lost, ClockPair now);
  /// Drops the texts. Call it when the tracker has changed.
  void forget();

  std::uint64_t texts_made() const { return texts_made_; }
  /// How many rows were written as JSON for deltas.
  std::uint64_t rows_written() const { return rows_.written(); }

 private:
  /// The most that a text of the whole state may age before it is made anew: its durations and
  /// clock are those of when it was made.
  static constexpr std::chrono::milliseconds FullAge{100};

  std::string id(std::uint64_t revision) const;
  std::string text_after(std::uint64_t revision, ClockPair now);

  FeedKind kind_;
  const Tracker& tracker_;
  FeedSettings settings_;
  std::optional<FeedText> full_;
  MonotonicTime full_made_{};
  std::map<std::uint64_t, FeedText> after_;  ///< by the reader's revision
  RowTexts rows_;
  std::uint64_t texts_made_ = 0;
};

}  // namespace vdm::metrics
