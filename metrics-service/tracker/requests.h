#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "metrics-service/archive/archive.h"
#include "metrics-service/tracker/active_requests.h"
#include "metrics-service/tracker/closed_ids.h"
#include "metrics-service/tracker/figures/series.h"
#include "metrics-service/tracker/figures/totals.h"
#include "metrics-service/tracker/instance.h"
#include "metrics-service/tracker/journal.h"
#include "metrics-service/tracker/recent.h"
#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// Every request and the sums over them. A request's state rises, ACTIVE < LOST < ENDED; only its
/// proxy's own list makes a lost one active again. Only this class counts a change: in its
/// instance, the totals, the series and the journal. Thread: owner only.
class Requests {
 public:
  /// Where a report about a request came from.
  struct Source {
    Instance& instance;
    std::uint64_t seq = 0;  ///< 0: not from an event
    ClockPair now;
  };

  Requests(const TrackerOptions& options, Journal& journal);

  /// `known_since` is the sequence number at which the request certainly ran.
  void start(const Source& from, const FactsPtr& facts, std::uint64_t known_since);
  void progress(const Source& from, const Progressed& progress);
  void end(const Source& from, const Ended& ended);
  /// Declares lost the instance's active requests for which `gone` is true.
  void lose(const Source& from, bool reconciled,
            const std::function<bool(const std::string&, std::uint64_t known_since)>& gone);
  /// Takes one line of a snapshot. Returns false when the request runs and its facts are needed to
  /// show it.
  bool seen_active(const Source& from, const ActiveEntry& entry, std::uint64_t as_of_seq);
  /// Takes a row of history, which is neither live nor recorded in the journal.
  void restore_ended(Instance& instance, const Ended& ended, WallTime at);
  void restore_lost(Instance& instance, const Lost& lost, WallTime at);
  /// Rows of history may come from here on, and none after finish_restore(): it puts their traces
  /// behind those of what was reported meanwhile.
  void begin_restore();
  void finish_restore();
  using FindInstance = std::function<Instance*(std::string_view id)>;
  void save(StateWriter& archive) const;
  /// False: it is no state.
  bool load(StateReader& archive, const FindInstance& find);
  /// Sets the token rate to zero for requests that have been silent for a while.
  void let_rates_fall(ClockPair now);
  /// Marks the instance's requests as changed, since their rows show its state.
  void touch_active_of(Instance& instance);
  /// Closes the lost requests of an instance that will be forgotten: no later event revives them.
  void close_lost_of(const Instance& instance);

  /// The requests that changed after `revision`, newest first. Costs what it finds.
  std::vector<ActiveView> active(std::uint64_t revision, ClockPair now) const;
  std::optional<ActiveView> oldest_active(ClockPair now) const;
  bool is_active(std::string_view id) const { return active_.contains(id); }
  std::optional<ActiveView> find_active(std::string_view id, ClockPair now) const;
  std::vector<TracePtr> traces(std::size_t limit, std::uint64_t after_seq) const;
  std::vector<TracePtr> errors(std::size_t limit, std::uint64_t after_seq) const;
  std::vector<TracePtr> traces_changed_after(std::uint64_t revision) const;
  std::vector<TracePtr> errors_changed_after(std::uint64_t revision) const;
  const Totals& totals() const { return totals_; }
  const Series& series() const { return series_; }
  std::size_t active_count() const { return active_.size(); }
  std::uint64_t overflow() const { return overflow_; }
  bool full() const { return active_.size() >= options_.active_max; }
  /// Whether no further request of this instance can be followed.
  bool full_for(const Instance& instance) const {
    return full() || instance.active >= options_.active_of_instance_max;
  }
  std::uint64_t rows_visited() const { return active_.visited(); }

 private:
  struct LostRequest {
    FactsPtr facts;
    Instance* instance = nullptr;
  };
  /// The traces of rows of history, while reports come between.
  struct Restored {
    explicit Restored(const Requests& now);
    Recent<Trace> traces;
    Recent<Trace> errors;
    std::uint64_t from_revision = 0;
    std::uint64_t trace_seq = 0;
    std::uint64_t error_seq = 0;
    std::uint64_t count = 0;
    std::uint64_t error_count = 0;
  };
  struct Settled {
    /// The one that counts it; null: it had ended before.
    Instance* instance = nullptr;
    std::unique_ptr<ActiveRequest> was = nullptr;  ///< null: it was not active
    bool first_heard_of = false;
  };

  ActiveRequest& open(const Source& from, const FactsPtr& facts, std::uint64_t known_since);
  void merge(ActiveRequest& active, const Progressed& progress, ClockPair now);
  void make_lost(std::string_view id, const Source& from, bool reconciled);
  void remember_lost(const FactsPtr& facts, Instance& instance);
  /// Moves the request to ENDED from whatever state it had.
  Settled settle(Instance& reporter, const Ended& ended, std::uint64_t revision);
  void add_trace(const Instance& instance, WallTime at, std::uint64_t revision, Ended ended);
  void add_restored(const Instance& instance, WallTime at, Ended ended);
  void forget_trace(std::string_view id);
  template <class Self, class Archive>
  static void list_sums(Self& self, Archive& archive);
  void count_tokens(ActiveRequest& active, const Usage& usage, WallTime wall,
                    std::uint64_t revision);
  ActiveView view_of(const ActiveRequest& active, ClockPair now) const;

  const TrackerOptions& options_;
  Journal& journal_;
  Totals totals_;
  Series series_;
  ActiveRequests active_;
  absl::flat_hash_map<std::string, LostRequest> lost_;
  std::deque<std::string> lost_order_;
  ClosedIds closed_;
  Recent<Trace> traces_;
  Recent<Trace> errors_;
  std::uint64_t trace_seq_ = 0;
  std::uint64_t error_seq_ = 0;
  std::uint64_t overflow_ = 0;
  std::unique_ptr<Restored> restored_;  ///< null: no row of history comes
};

}  // namespace vdm::metrics
