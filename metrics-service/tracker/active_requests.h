#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "metrics-service/tracker/active_request.h"
#include "metrics-service/tracker/instance.h"

namespace vdm::metrics {

/// The requests that run: found by id, by what changed after a revision, by how long they have
/// been silent, and by instance. Each costs as much as it finds, however many run; and no order
/// of a hash table shows in any of them. Thread: owner only.
class ActiveRequests {
 public:
  ActiveRequests() = default;
  ActiveRequests(const ActiveRequests&) = delete;
  ActiveRequests& operator=(const ActiveRequests&) = delete;

  /// There is none of that id yet.
  ActiveRequest& add(const FactsPtr& facts, Instance& instance, std::uint64_t revision);
  ActiveRequest* find(std::string_view id);
  const ActiveRequest* find(std::string_view id) const;
  bool contains(std::string_view id) const { return by_id_.contains(id); }
  std::size_t size() const { return by_id_.size(); }
  /// Takes it out; null when there is none of that id.
  std::unique_ptr<ActiveRequest> take(std::string_view id);

  /// `revision` is at least that of every change before.
  void changed(ActiveRequest& request, std::uint64_t revision);
  /// It makes tokens and was last heard of now.
  void makes_tokens(ActiveRequest& request);
  /// Its rate is shown as zero until it makes tokens again.
  void makes_none(ActiveRequest& request) { request.by_silence.unlink(); }
  /// Of those that make tokens the one that has been silent longest; null: none makes any.
  ActiveRequest* longest_silent() { return silent_.empty() ? nullptr : &silent_.front(); }

  /// Those that changed after `revision`, newest request first.
  std::vector<const ActiveRequest*> changed_after(std::uint64_t revision) const;
  /// The one that started first; null: none runs.
  const ActiveRequest* oldest() const;
  /// How many requests these two have looked at: what views cost.
  std::uint64_t visited() const { return visited_; }

 private:
  template <ActiveRequest::Link ActiveRequest::*Member>
  using List = boost::intrusive::list<
      ActiveRequest, boost::intrusive::member_hook<ActiveRequest, ActiveRequest::Link, Member>,
      boost::intrusive::constant_time_size<false>>;

  absl::flat_hash_map<std::string_view, std::unique_ptr<ActiveRequest>> by_id_;  ///< of its facts
  List<&ActiveRequest::by_change> changes_;  ///< by changed_at, the latest at the end
  List<&ActiveRequest::by_silence> silent_;  ///< by progressed_at, the latest at the end
  mutable std::uint64_t visited_ = 0;
};

}  // namespace vdm::metrics
