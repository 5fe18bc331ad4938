#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

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

    template <class Self, class Archive>
    static void list_fields(Self& self, Archive& archive) {
      std::vector<std::string> sorted(self.ids.begin(), self.ids.end());
      std::ranges::sort(sorted);
      archive(1, self.as_of_seq);
      archive(2, sorted);
      if constexpr (!std::is_const_v<Self>) self.ids = {sorted.begin(), sorted.end()};
    }
  };

  std::shared_ptr<const std::string> id;
  std::shared_ptr<const std::string> proxy;
  std::string version;
  InstanceSecret secret;  ///< set by its first Hello, or by history
  WallTime boot{};
  ProxyState state = ProxyState::Gone;
  std::uint64_t session = 0;  ///< its newest stream; another may still be about to close
  bool seen_live = false;     ///< false: known only from history, and not shown
  MonotonicTime last_heard{};
  WallTime last_seen{};

  SequenceWindow seqs;
  std::uint64_t committed = 0;
  bool open_start = true;            ///< the first batch sets where the sequence begins
  std::uint64_t oldest_unacked = 0;  ///< as its last Hello said
  std::optional<Reconcile> reconcile;
  std::optional<MonotonicTime> asked_snapshot;

  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  std::uint64_t lost = 0;
  std::uint32_t active = 0;
  std::uint64_t active_hash = 0;   ///< xor of fnv1a_64 of the active ids
  std::uint64_t gap_declared = 0;  ///< ends that its gaps declared dropped
  std::uint64_t lost_in_gap = 0;   ///< of them, those that stand as lost requests already
  std::uint64_t buffered_bytes = 0;
  DroppedCounts dropped;
  std::uint64_t rejections_unlisted = 0;
  std::uint64_t implausible_numbers = 0;
  std::uint64_t order = 0;  ///< order of arrival among instances
  RequestsOfInstance requests;

  /// Ends that were dropped and stand nowhere else.
  std::uint64_t gap_ended() const { return gap_declared - lost_in_gap; }
  /// A lost request of a process that lives, and does not list it, has ended, and its end was
  /// dropped: it is one of those that the gaps declared. Call it when a gap or the process's list
  /// has been taken. Returns whether gap_ended() changed.
  bool match_gaps();
  /// Call it when a lost request turned out to live or to have ended.
  void unmatch_gaps() { lost_in_gap = std::min(lost_in_gap, lost); }

  ProxyView view() const;

  /// All but the running requests and the sums over them.
  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.id);
    archive(2, self.proxy);
    archive(3, self.version);
    archive(4, self.secret);
    archive(5, self.boot);
    archive(6, self.state);
    archive(7, self.session);
    archive(8, self.seen_live);
    archive(9, self.last_heard);
    archive(10, self.last_seen);
    archive(11, self.seqs);
    archive(12, self.committed);
    archive(13, self.open_start);
    archive(14, self.oldest_unacked);
    archive(15, self.reconcile);
    archive(16, self.asked_snapshot);
    archive(17, self.started);
    archive(18, self.ended);
    archive(19, self.lost);
    archive(20, self.gap_declared);
    archive(21, self.lost_in_gap);
    archive(22, self.buffered_bytes);
    archive(23, self.dropped);
    archive(24, self.rejections_unlisted);
    archive(25, self.implausible_numbers);
    archive(26, self.order);
  }
};

}  // namespace vdm::metrics
