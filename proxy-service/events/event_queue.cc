#include "proxy-service/events/event_queue.h"

#include <new>
#include <utility>

namespace vdm::proxy {
namespace {

// A chunk is allocated once and never grows: growing one long vector would move
// every waiting event while the mutex is held. It is small enough for the allocator
// to keep it per thread.
constexpr std::size_t ChunkEvents = 64;
// The queue reaches this only when the reporter is stalled for long.
constexpr std::size_t DroppedEndedMax = 65'536;

std::size_t bytes_of(const FactsPtr& facts) {
  if (!facts) return 0;
  return sizeof(RequestFacts) + facts->request_id.size() + facts->requested_model.size() +
         facts->resolved_model.size() + facts->provider.size() + facts->client_label.size() +
         facts->user_agent.size() + facts->session_id.size() + facts->agent_id.size() +
         facts->trace_id.size() + facts->attempt_group.size() + facts->kind.size();
}

std::size_t bytes_of(const Ended& ended) {
  std::size_t bytes = bytes_of(ended.facts) + ended.error_type.size() + ended.error_message.size() +
                      ended.finish_reason.size() + answered_model(ended).size() +
                      ended.attempts.size() * sizeof(Attempt);
  for (const Attempt& attempt : ended.attempts) {
    bytes += attempt.provider.size() + attempt.resolved_model.size() + attempt.error_type.size();
  }
  return bytes;
}

}  // namespace

std::size_t retained_bytes(const Event& event) {
  if (const auto* started = std::get_if<Started>(&event)) {
    return sizeof(Event) + bytes_of(started->facts);
  }
  if (const auto* progressed = std::get_if<Progressed>(&event)) {
    return sizeof(Event) + progressed->request_id.size() + progressed->other_model.size();
  }
  if (const auto* ended = std::get_if<Ended>(&event)) return sizeof(Event) + bytes_of(*ended);
  return sizeof(Event);
}

void EventQueue::record(Event&& event) noexcept {
  const std::size_t bytes = retained_bytes(event);
  const std::lock_guard lock(mutex_);
  if (bytes_ + kept_bytes_ + bytes > bytes_max_) {
    drop(event);
    return;
  }
  try {
    append(std::move(event), bytes);
  } catch (const std::bad_alloc&) {
    drop(event);  // a request does not fail because its report has no memory
  }
}

void EventQueue::append(Event&& event, std::size_t bytes) {
  if (chunks_.empty() || chunks_.back().size() == ChunkEvents) {
    Chunk chunk;
    chunk.reserve(ChunkEvents);
    chunks_.push_back(std::move(chunk));
  }
  chunks_.back().push_back(std::move(event));
  bytes_ += bytes;
  waiting_.fetch_add(1, std::memory_order_relaxed);
}

void EventQueue::drop(const Event& event) noexcept {
  if (std::holds_alternative<Started>(event)) ++dropped_.started;
  if (std::holds_alternative<Progressed>(event)) ++dropped_.progressed;
  const auto* ended = std::get_if<Ended>(&event);
  if (ended == nullptr) return;
  ++dropped_.ended;
  if (dropped_ended_.size() == DroppedEndedMax) return;
  try {
    dropped_ended_.push_back(ended->facts);
  } catch (const std::bad_alloc&) {
    return;  // it is counted; the service notices by itself that the request is gone
  }
}

EventQueue::TakenEvents EventQueue::take_all(std::size_t kept_bytes) {
  TakenEvents taken;
  const std::lock_guard lock(mutex_);
  taken.chunks.swap(chunks_);
  taken.dropped = std::exchange(dropped_, {});
  taken.ended.swap(dropped_ended_);
  // The caller's next `kept_bytes` includes the taken events; until then they count here.
  kept_bytes_ = kept_bytes + std::exchange(bytes_, 0);
  waiting_.store(0, std::memory_order_relaxed);
  return taken;
}

}  // namespace vdm::proxy
