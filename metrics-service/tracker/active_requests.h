#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "metrics-service/tracker/active_request.h"
#include "metrics-service/tracker/instance.h"

namespace vdm::metrics {

/// The running requests: found by id, by changes after a revision, by how long they have been
/// silent, and by instance. Each look-up costs what it finds, however many requests run, and no
/// result depends on a hash table's order. Thread: owner only.
class ActiveRequests {
 public:
  ActiveRequests() = default;
  ActiveRequests(const ActiveRequests&) = delete;
  ActiveRequests& operator=(const ActiveRequests&) = delete;

  /// The id must not be in use yet.
  ActiveRequest& add(const FactsPtr& facts, Instance& instance, std::uint64_t revision);
  ActiveRequest* find(std::string_view id);
  const ActiveRequest* find(std::string_view id) const;
  bool contains(std::string_view id) const { return by_id_.contains(id); }
  std::size_t size() const { return by_id_.size(); }
  /// Removes and returns the request; null when no request has this id.
  std::unique_ptr<ActiveRequest> take(std::string_view id);

  /// `revision` must not be lower than that of any change before.
  void changed(ActiveRequest& request, std::uint64_t revision);
  /// Notes that the request produces tokens and reported progress just now.
  void makes_tokens(ActiveRequest& request);
  /// Notes that the request produces no tokens; its rate is shown as zero until it does again.
  void makes_none(ActiveRequest& request) { request.by_silence.unlink(); }
  /// The request that has been silent longest among those that produce tokens; null when none does.
  ActiveRequest* longest_silent() { return silent_.empty() ? nullptr : &silent_.front(); }

  /// The requests that changed after `revision`, newest request first.
  std::vector<const ActiveRequest*> changed_after(std::uint64_t revision) const;
  /// The request that started first; null when none runs.
  const ActiveRequest* oldest() const;
  /// All, in the order of their last changes.
  template <class Visit>
  void visit(Visit&& visit) const {
    for (const ActiveRequest& request : changes_) visit(request);
  }
  /// Those that produce tokens, the one that has been silent longest first.
  template <class Visit>
  void visit_silent(Visit&& visit) const {
    for (const ActiveRequest& request : silent_) visit(request);
  }
  /// How many requests changed_after() and oldest() have examined: the cost of views.
  std::uint64_t visited() const { return visited_; }

 private:
  template <ActiveRequest::Link ActiveRequest::*Member>
  using List = boost::intrusive::list<
      ActiveRequest, boost::intrusive::member_hook<ActiveRequest, ActiveRequest::Link, Member>,
      boost::intrusive::constant_time_size<false>>;

  /// The key is in the request's facts.
  absl::flat_hash_map<std::string_view, std::unique_ptr<ActiveRequest>> by_id_;
  List<&ActiveRequest::by_change> changes_;  ///< ordered by changed_at, latest last
  List<&ActiveRequest::by_silence> silent_;  ///< ordered by progressed_at, latest last
  mutable std::uint64_t visited_ = 0;
};

}  // namespace vdm::metrics
