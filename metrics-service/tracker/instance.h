#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <absl/container/flat_hash_set.h>

#include "metrics-service/tracker/active_request.h"
#include "metrics-service/tracker/live_event.h"
#include "metrics-service/tracker/sequence_window.h"

namespace vdm::metrics {

/// One process of a proxy, as far as the tracker knows it. Plain data, altered by Tracker,
/// Requests and ActiveRequests alone. Thread: owner only.
struct Instance {
  /// What an ActiveSnapshot listed, kept until all events up to it have come.
  struct Reconcile {
    std::uint64_t as_of_seq = 0;
    absl::flat_hash_set<std::string> ids;
  };

  std::shared_ptr<const std::string> id;
  std::shared_ptr<const std::string> proxy;
  std::string version;
  WallTime boot{};
  ProxyState state = ProxyState::Gone;
  int streams = 0;         ///< open ones; two for a moment while a proxy reconnects
  bool seen_live = false;  ///< false: known from history alone, and not shown
  MonotonicTime last_heard{};
  WallTime last_seen{};

  SequenceWindow seqs;
  std::uint64_t committed = 0;
  bool open_start = true;  ///< the first batch says where its numbers begin
  std::optional<Reconcile> reconcile;
  std::optional<MonotonicTime> asked_snapshot;

  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  std::uint64_t lost = 0;
  std::uint32_t active = 0;
  std::uint64_t active_hash = 0;  ///< xor of fnv1a_64 of the active ids
  std::uint64_t gap_ended = 0;
  std::uint64_t buffered_bytes = 0;
  DroppedCounts dropped;
  std::uint64_t order = 0;  ///< of arrival
  RequestsOfInstance requests;

  ProxyView view() const;
};

}  // namespace vdm::metrics
