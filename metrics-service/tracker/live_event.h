#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/digest.h"
#include "metrics-service/tracker/figures/outcome.h"
#include "proto/contract/event.h"

namespace vdm::metrics {

/// The tracker's input and output as plain values: the C++ twins of messages that only the metrics
/// service uses (Hello, Heartbeat, ActiveSnapshot, LiveEvent, ProxyView). The .proto files define
/// the fields. Thread: any; nobody alters a value after passing it on.

/// One reading of both clocks; the tracker's caller takes it.
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

/// By what a process of a proxy is known again.
struct InstanceSecret {
  enum class Kind : std::uint8_t {
    Unknown,  ///< history does not say: the next Hello does
    None,     ///< a proxy of an earlier release, which has none
    Hash,
  };

  Kind kind = Kind::Unknown;
  Sha256 hash{};  ///< of the secret

  static InstanceSecret of(std::string_view secret) {
    if (secret.empty()) return {.kind = Kind::None};
    return {.kind = Kind::Hash, .hash = sha256(secret)};
  }
  /// Whether both are known and differ. Constant in time.
  bool differs_from(const InstanceSecret& other) const {
    if (kind == Kind::Unknown || other.kind == Kind::Unknown) return false;
    return kind != other.kind || !equal_in_constant_time(hash, other.hash);
  }
};

struct ProxyHello {
  std::string instance_id;
  std::string proxy_name;
  std::string version;
  WallTime boot{};
  std::uint64_t oldest_unacked_seq = 0;  ///< 0: no event waits for an acknowledgement
  DroppedCounts dropped = {};
  InstanceSecret secret{InstanceSecret::Kind::None};
  std::uint64_t session = 0;  ///< differs from that of any other stream
};

struct ProxyHeartbeat {
  std::uint32_t active_count = 0;
  std::uint64_t active_hash = 0;  ///< xor of fnv1a_64 of the active ids
  std::uint64_t as_of_seq = 0;
  std::uint64_t buffered_bytes = 0;
  DroppedCounts dropped = {};
  std::uint64_t rejections_unlisted = 0;
};

/// One line of an ActiveSnapshot. The proxy adds facts and progress on connect and when asked for
/// them.
struct ActiveEntry {
  std::string request_id;
  FactsPtr facts;  ///< null: the line has the id only
  std::optional<Progressed> progress;
};

enum class ProxyState : std::uint8_t { Connected, Stale, Gone };

/// One process of a proxy. At all times started = ended + lost + active.
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
  std::uint64_t rejections_unlisted = 0;
  std::uint64_t implausible_numbers = 0;

  friend bool operator==(const ProxyView&, const ProxyView&) = default;
};

/// A request whose proxy vanished, or that its proxy no longer lists.
struct Lost {
  FactsPtr facts;
  bool reconciled = false;  ///< missing from an ActiveSnapshot; false: the lease expired
};

/// One applied change. Events are numbered in the order in which they were applied.
struct LiveEvent {
  using Kind = std::variant<Started, Progressed, Ended, Lost, Gap, ProxyView>;

  std::uint64_t revision = 0;
  std::uint64_t told = 0;  ///< its number among events, from 1, without gaps; 0: not known
  std::uint64_t seq = 0;   ///< number of the proxy's event; 0: no event of a proxy
  std::shared_ptr<const std::string> proxy;
  std::shared_ptr<const std::string> instance_id;
  WallTime applied{};
  FactsPtr facts;  ///< of the event's request; null for Gap and ProxyView
  Kind kind;
};
using LiveEventPtr = std::shared_ptr<const LiveEvent>;

/// Whether history keeps the event; the proxies report the others again.
inline bool is_kept(const LiveEvent::Kind& kind) {
  return std::holds_alternative<Ended>(kind) || std::holds_alternative<Lost>(kind) ||
         std::holds_alternative<Gap>(kind);
}

/// A running request.
struct ActiveView {
  FactsPtr facts;
  std::optional<Progressed> progress;  ///< the latest report
  std::string proxy;
  std::string instance_id;
  bool stale = false;
  Micros duration{0};
  std::optional<Micros> idle;  ///< time since the provider's last byte
  /// Over the last few seconds; empty before the first token.
  std::optional<double> tokens_per_second;
  /// Revision of its last change; growing older is no change.
  std::uint64_t changed_at = 0;
};

/// A request that has ended or is lost.
struct Trace {
  std::uint64_t seq = 0;        ///< number among traces, from 1, without gaps
  std::uint64_t error_seq = 0;  ///< number among errors, from 1, without gaps; 0: not an error
  std::uint64_t revision = 0;
  std::shared_ptr<const std::string> proxy;
  WallTime ended_at{};
  Ended ended;
};
using TracePtr = std::shared_ptr<const Trace>;

}  // namespace vdm::metrics
