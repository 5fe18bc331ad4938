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

#include "metrics-service/tracker/closed_ids.h"
#include "metrics-service/tracker/instance.h"
#include "metrics-service/tracker/journal.h"
#include "metrics-service/tracker/recent.h"
#include "metrics-service/tracker/series.h"
#include "metrics-service/tracker/token_rate.h"
#include "metrics-service/tracker/totals.h"
#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// Every request and the sums over them. Per request ACTIVE < LOST < ENDED, merged by
/// maximum; each change counts in its instance, in the totals, in the series and in the journal,
/// here and nowhere else. Thread: owner only.
class Requests {
 public:
  /// Where a word about a request came from.
  struct Source {
    Instance& instance;
    std::uint64_t seq = 0;  ///< 0: not an event
    Moment now;
  };

  Requests(const TrackerOptions& options, Journal& journal);

  /// `known_since`: the sequence number at which it certainly ran.
  void start(const Source& from, const FactsPtr& facts, std::uint64_t known_since);
  void progress(const Source& from, const Progressed& progress);
  void end(const Source& from, const Ended& ended);
  /// Active ones of that instance for which `gone` holds become lost.
  void lose(const Source& from, bool reconciled,
            const std::function<bool(const std::string&, std::uint64_t known_since)>& gone);
  /// One line of a snapshot. False: it runs, and we need its facts to show it.
  bool seen_active(const Source& from, const ActiveEntry& entry, std::uint64_t as_of_seq);
  /// History: neither live nor in the journal.
  void restore_ended(Instance& instance, const Ended& ended, WallTime at);
  void restore_lost(Instance& instance, const Lost& lost, WallTime at);
  /// A request that has said nothing for a while makes no tokens now.
  void let_rates_fall(Moment now);
  /// The instance's state has changed, which shows in its requests' rows.
  void touch_active_of(const Instance& instance);
  /// The instance will be forgotten: its lost requests stay lost.
  void close_lost_of(const Instance& instance);

  std::vector<ActiveView> active(Moment now) const;
  std::optional<ActiveView> find_active(std::string_view id, Moment now) const;
  std::vector<TracePtr> traces(std::size_t limit, std::uint64_t after_seq) const;
  std::vector<TracePtr> errors(std::size_t limit, std::uint64_t after_seq) const;
  const Totals& totals() const { return totals_; }
  const Series& series() const { return series_; }
  std::size_t active_count() const { return active_.size(); }
  std::uint64_t overflow() const { return overflow_; }
  bool full() const { return active_.size() >= options_.active_max; }
  /// How many of the active ones are `instance`'s, counted one by one.
  std::size_t count_active_of(const Instance& instance) const;

 private:
  struct Active {
    FactsPtr facts;
    Instance* instance = nullptr;
    std::uint64_t known_since = 0;
    std::uint64_t changed_at = 0;
    MonotonicTime first_seen{};
    Micros age_then{0};  ///< its duration when it was first seen
    std::optional<Progressed> progress;
    MonotonicTime progressed_at{};
    TokenRate rate;
    bool rate_is_zero = true;
    std::uint64_t input_in_series = 0;
    std::uint64_t output_in_series = 0;
  };
  struct LostRequest {
    FactsPtr facts;
    Instance* instance = nullptr;
  };
  struct Settled {
    Instance* instance = nullptr;  ///< it is counted in; null: it had ended before
    Active was = {};               ///< empty: it was not active
    bool first_heard_of = false;
  };
  using ActiveMap = absl::flat_hash_map<std::string, Active>;

  Active& open(const Source& from, const FactsPtr& facts, std::uint64_t known_since);
  void merge(Active& active, const Progressed& progress, Moment now);
  void make_lost(ActiveMap::iterator at, const Source& from, bool reconciled);
  void remember_lost(const FactsPtr& facts, Instance& instance);
  /// Moves the request to ENDED wherever it was.
  Settled settle(Instance& said_by, const Ended& ended, std::uint64_t revision);
  void add_trace(const Instance& instance, WallTime at, std::uint64_t revision, Ended ended);
  void count_tokens(Active& active, const Usage& usage, WallTime wall, std::uint64_t revision);
  ActiveView view_of(const Active& active, Moment now) const;

  const TrackerOptions& options_;
  Journal& journal_;
  Totals totals_;
  Series series_;
  ActiveMap active_;
  absl::flat_hash_map<std::string, LostRequest> lost_;
  std::deque<std::string> lost_order_;
  ClosedIds closed_;
  Recent<Trace> traces_;
  Recent<Trace> errors_;
  std::uint64_t trace_seq_ = 0;
  std::uint64_t error_seq_ = 0;
  std::uint64_t overflow_ = 0;
};

}  // namespace vdm::metrics
