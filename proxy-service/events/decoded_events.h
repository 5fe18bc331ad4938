#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// The events of one batch, decoded from their records. Events and facts are used again for the
/// next batch, with the memory of their texts, so that a batch of usual size allocates nothing.
/// Thread: its owner's.
class DecodedEvents {
 public:
  /// What was given out before is not valid any more.
  void clear() { facts_used_ = starts_used_ = ends_used_ = others_used_ = 0; }

  /// Facts to fill in; others may share them until clear().
  std::size_t add_facts();
  RequestFacts& facts(std::size_t at) { return *facts_[at]; }
  FactsPtr share(std::size_t at) const { return facts_[at]; }

  Event& add_started() { return next<Started>(starts_, starts_used_); }
  Event& add_ended() { return next<Ended>(ends_, ends_used_); }
  Event& add_other() { return next<Gap>(others_, others_used_); }

 private:
  template <class EventKind>
  static Event& next(std::deque<Event>& pool, std::size_t& used) {
    if (used == pool.size()) pool.emplace_back(EventKind{});
    return pool[used++];
  }

  std::vector<std::shared_ptr<RequestFacts>> facts_;
  std::deque<Event> starts_;  // deques: events stay where they are
  std::deque<Event> ends_;
  std::deque<Event> others_;
  std::size_t facts_used_ = 0;
  std::size_t starts_used_ = 0;
  std::size_t ends_used_ = 0;
  std::size_t others_used_ = 0;
};

inline std::size_t DecodedEvents::add_facts() {
  if (facts_used_ == facts_.size()) facts_.push_back(std::make_shared<RequestFacts>());
  return facts_used_++;
}

}  // namespace vdm::proxy
