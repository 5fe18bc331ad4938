#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics {

/// What the tracker can be told. An input refers to what its caller has, and lasts as long as the
/// call. Plain data.

struct SessionOpened {
  const ProxyHello& hello;
};
struct ReportedBatch {
  std::string_view instance_id;
  std::uint64_t first_seq = 0;
  const std::vector<Event>& events;
};
struct ReportedHeartbeat {
  std::string_view instance_id;
  const ProxyHeartbeat& heartbeat;
};
struct ReportedSnapshot {
  std::string_view instance_id;
  std::uint64_t as_of_seq = 0;
  const std::vector<ActiveEntry>& entries;
};
struct NumbersLeftOut {
  std::string_view instance_id;
  std::uint64_t numbers = 0;
};
struct SessionClosed {
  std::string_view instance_id;
  std::uint64_t session = 0;
};
/// All of its events have come.
struct ProcessGone {
  std::string_view instance_id;
};
struct ClockTick {};

using Input = std::variant<SessionOpened, ReportedBatch, ReportedHeartbeat, ReportedSnapshot,
                           NumbersLeftOut, SessionClosed, ProcessGone, ClockTick>;

}  // namespace vdm::metrics
