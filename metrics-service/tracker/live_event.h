#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "metrics-service/tracker/figures/outcome.h"
#include "proto/contract/event.h"

namespace vdm::metrics {

/// What goes into the tracker and what it says has happened, as plain values: the C++ twins of
/// the messages that only the metrics service speaks (Hello, Heartbeat, ActiveSnapshot,
/// LiveEvent, ProxyView). Field meanings are in the .proto files.
/// Thread: any; a value is immutable once handed over.

/// One reading of both clocks, taken by whoever calls the tracker.
struct ClockPair {
  MonotonicTime at{};
  WallTime wall{};
};

struct DroppedCounts {
  std::uint64_t started = 0;
  std::uint64_t progressed = 0;
  std::uint64_t ended = 0;

  friend bool operator==(const DroppedCounts&, const DroppedCounts&) = default;
};

struct ProxyHello {
  std::string instance_id;
  std::string proxy_name;
  std::string version;
  WallTime boot{};
  std::uint64_t oldest_unacked_seq = 0;  ///< 0: nothing is waiting
  DroppedCounts dropped = {};
};

struct ProxyHeartbeat {
  std::uint32_t active_count = 0;
  std::uint64_t active_hash = 0;  ///< xor of fnv1a_64 of the active ids
  std::uint64_t as_of_seq = 0;
  std::uint64_t buffered_bytes = 0;
  DroppedCounts dropped = {};
};

/// One line of an ActiveSnapshot. Facts and progress come on connect and when asked for.
struct ActiveEntry {
  std::string request_id;
  FactsPtr facts;  ///< null: the id alone
  std::optional<Progressed> progress;
};

enum class ProxyState : std::uint8_t { Connected, Stale, Gone };

/// At all times started = ended + lost + active.
struct ProxyView {
  std::string proxy;
  std::string instance_id;
  ProxyState state = ProxyState::Gone;
  std::string version;
  WallTime boot{};
  WallTime last_seen{};
  std::uint32_t active = 0;
  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  std::uint64_t lost = 0;
  std::uint64_t gap_ended = 0;
  std::uint64_t undeclared_gaps = 0;
  std::uint64_t buffered_bytes = 0;
  std::uint64_t dropped_progress = 0;

  friend bool operator==(const ProxyView&, const ProxyView&) = default;
};

/// A request whose proxy vanished, or which its proxy no longer knows.
struct Lost {
  FactsPtr facts;
  bool reconciled = false;  ///< missing from an ActiveSnapshot, rather than the lease running out
};

/// One change that was applied, in the order it was applied.
struct LiveEvent {
  using Kind = std::variant<Started, Progressed, Ended, Lost, Gap, ProxyView>;

  std::uint64_t revision = 0;
  std::uint64_t seq = 0;  ///< of the proxy's event; 0: it came from elsewhere
  std::shared_ptr<const std::string> proxy;
  std::shared_ptr<const std::string> instance_id;
  WallTime applied{};
  FactsPtr facts;  ///< of the request it is about; null for Gap and ProxyView
  Kind kind;
};
using LiveEventPtr = std::shared_ptr<const LiveEvent>;

/// A request that runs.
struct ActiveView {
  FactsPtr facts;
  std::optional<Progressed> progress;  ///< the latest
  std::string proxy;
  std::string instance_id;
  bool stale = false;
  Micros duration{0};
  std::optional<Micros> idle;               ///< since the provider's last byte
  std::optional<double> tokens_per_second;  ///< over the last few seconds; none: no token yet
  std::uint64_t changed_at = 0;             ///< revision of its last change; its age is not change
};

/// A request that is over: ended, or lost.
struct Trace {
  std::uint64_t seq = 0;        ///< among traces, gapless, from 1
  std::uint64_t error_seq = 0;  ///< among errors, gapless, from 1; 0: not an error
  std::uint64_t revision = 0;
  std::shared_ptr<const std::string> proxy;
  WallTime ended_at{};
  Ended ended;
};
using TracePtr = std::shared_ptr<const Trace>;

}  // namespace vdm::metrics
