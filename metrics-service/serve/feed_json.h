#pragma once

#include <optional>
#include <string>

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
/// Empty when there is nothing to say.
std::string multiplexed_delta(const View& changes);

/// {"disabled":false,"active_requests":[…]}, with `timestamp` where a feed sends it.
std::string active_rows(const View& view, std::optional<double> timestamp);
/// {"upsert":[…],"remove":[…],…}; empty when no row changed.
std::string active_delta(const View& changes);

std::string reset_data(const std::string& reason, std::uint64_t lost);

/// What to say when a part is switched off, and how to switch it on.
struct Disabled {
  std::string message;
  std::string suggestion;
};
Disabled metrics_disabled();
Disabled feeds_disabled();
/// {"disabled":true,"message":…,"suggestion":…} with `rest` (",…" or nothing) before the end.
std::string disabled_data(const Disabled& disabled, std::string_view rest = "");

}  // namespace vdm::metrics
