#include "metrics-service/tracker/event_ring.h"

#include <algorithm>

namespace vdm::metrics {
namespace {

std::size_t bytes_of(const RequestFacts& facts) {
  return sizeof(RequestFacts) + facts.request_id.size() + facts.requested_model.size() +
         facts.resolved_model.size() + facts.provider.size() + facts.client_label.size() +
         facts.user_agent.size() + facts.session_id.size() + facts.agent_id.size() +
         facts.trace_id.size() + facts.attempt_group.size() + facts.kind.size();
}

}  // namespace

std::size_t EventRing::bytes_of(const LiveEvent& event) {
  std::size_t bytes = sizeof(LiveEvent) + 64;
  if (event.facts) bytes += metrics::bytes_of(*event.facts);  // shared facts count for each event
  if (const auto* ended = std::get_if<Ended>(&event.kind)) {
    bytes += ended->error_message.size() + ended->error_type.size() + ended->answered_name.size() +
             ended->attempts.size() * (sizeof(Attempt) + 64);
  }
  return bytes;
}

void EventRing::add(LiveEventPtr event) {
  bytes_ += bytes_of(*event);
  events_.push_back(std::move(event));
  while (events_.size() > events_max_ || (bytes_ > bytes_max_ && events_.size() > 1)) {
    bytes_ -= bytes_of(*events_.front());
    forgotten_ = events_.front()->revision;
    forgotten_told_ = events_.front()->told;
    events_.pop_front();
  }
}

std::deque<LiveEventPtr>::const_iterator EventRing::first_after(std::uint64_t revision) const {
  return std::ranges::upper_bound(events_, revision, {},
                                  [](const LiveEventPtr& e) { return e->revision; });
}

std::uint64_t EventRing::events_up_to(std::uint64_t revision, std::uint64_t all) const {
  if (revision <= forgotten_) return forgotten_told_;
  const auto next = first_after(revision);
  return next == events_.end() ? all : (*next)->told - 1;
}

std::vector<LiveEventPtr> EventRing::after(std::uint64_t revision) const {
  return {first_after(revision), events_.end()};
}

}  // namespace vdm::metrics
