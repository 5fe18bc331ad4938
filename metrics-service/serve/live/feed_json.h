#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "metrics-service/tracker/view.h"

namespace vdm::metrics {

/// The data of each event that the live feeds send, and of the REST answers that
/// share them. Pure.

/// What the dashboard must know of how the service is set up.
struct FeedSettings {
  bool cancel_allowed = false;
  double progress_interval_s = 0.5;
  double heartbeat_s = 15;
  bool authentication_required = false;
};

/// Seconds since the epoch as boot and age are counted in; p50 and the like in milliseconds.
std::string multiplexed_snapshot(const View& view, const std::string& epoch,
                                 const FeedSettings& settings);
/// The rows of running requests as they stand in deltas: each is written once, for all texts
/// that it is part of. Ages are as of then, so that it is good for one publish. Memory: a text for
/// each row that changed. Thread: owner only.
class RowTexts {
 public:
  std::string_view of(const ActiveView& row);
  void forget() { texts_.clear(); }
  std::uint64_t written() const { return written_; }

 private:
  struct Text {
    std::uint64_t changed_at = 0;
    std::string json;
  };
  absl::flat_hash_map<const RequestFacts*, Text> texts_;
  std::uint64_t written_ = 0;
};

/// Empty when there is nothing to say.
std::string multiplexed_delta(const View& changes, RowTexts& rows);

/// {"disabled":false,"active_requests":[…]}, with `timestamp` where a feed sends it.
std::string active_rows(const View& view, std::optional<double> timestamp);
/// {"upsert":[…],"remove":[…],…}; empty when no row changed.
std::string active_delta(const View& changes, RowTexts& rows);

std::string reset_data(const std::string& reason, std::uint64_t lost);

}  // namespace vdm::metrics
