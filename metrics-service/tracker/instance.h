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

/// What the tracker knows of one process of a proxy. Plain data; only Tracker, Requests and
/// ActiveRequests alter it. Thread: owner only.
struct Instance {
  /// The ids that an ActiveSnapshot listed, kept until all events up to its `as_of_seq` have
  /// arrived.
  struct Reconcile {
    std::uint64_t as_of_seq = 0;
    absl::flat_hash_set<std::string> ids;
  };

  std::shared_ptr<const std::string> id;
  std::shared_ptr<const std::string> proxy;
  std::string version;
  WallTime boot{};
  ProxyState state = ProxyState::Gone;
  int streams = 0;         ///< open streams; briefly two while a proxy reconnects
  bool seen_live = false;  ///< false: known only from history, and not shown
  MonotonicTime last_heard{};
  WallTime last_seen{};

  SequenceWindow seqs;
  std::uint64_t committed = 0;
  bool open_start = true;  ///< the first batch sets where the sequence begins
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
  std::uint64_t rejections_unlisted = 0;
  std::uint64_t order = 0;  ///< order of arrival among instances
  RequestsOfInstance requests;

  ProxyView view() const;
};

}  // namespace vdm::metrics
