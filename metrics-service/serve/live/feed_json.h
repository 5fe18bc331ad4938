#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "metrics-service/tracker/view.h"

namespace vdm::metrics {

/// Writes the data of each event of the live feeds, and of the REST answers that share them. Pure.

/// The settings of the service that the dashboard needs.
struct FeedSettings {
  bool cancel_allowed = false;
  double progress_interval_s = 0.5;
  double heartbeat_s = 15;
  bool authentication_required = false;
};

/// The whole state. Boot times and ages are in seconds since the epoch, percentiles in
/// milliseconds.
std::string multiplexed_snapshot(const View& view, const std::string& epoch,
                                 const FeedSettings& settings);
/// The rows of running requests in deltas: each row is written once and used in all texts that
/// contain it. Ages are those of when it was written, so the rows hold for one publish. Memory: one
/// text for each changed row. Thread: the one that writes, written() any.
class RowTexts {
 public:
  /// Call it before a text of the publish with that number: the rows of another are forgotten.
  void begin(std::uint64_t publish);
  std::string_view of(const ActiveView& row);
  std::uint64_t written() const { return written_; }

 private:
  struct Text {
    std::uint64_t changed_at = 0;
    std::string json;
  };
  absl::flat_hash_map<const RequestFacts*, Text> texts_;
  std::uint64_t publish_ = 0;
  std::atomic<std::uint64_t> written_ = 0;
};

/// Empty when nothing changed.
std::string multiplexed_delta(const View& changes, RowTexts& rows);

/// {"disabled":false,"active_requests":[…]}; with `timestamp` for a feed.
std::string active_rows(const View& view, std::optional<double> timestamp);
/// {"upsert":[…],"remove":[…],…}; empty when no row changed.
std::string active_delta(const View& changes, RowTexts& rows);

std::string reset_data(const std::string& reason, std::uint64_t lost);

}  // namespace vdm::metrics
