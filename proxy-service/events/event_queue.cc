#include "proxy-service/events/event_queue.h"

#include <array>
#include <new>
#include <utility>

namespace vdm::proxy {
namespace {

// The queue reaches this only when the reporter is stalled for long.
constexpr std::size_t DroppedEndedMax = 65'536;

/// Where a thread writes a record before it takes its place in the ring.
alignas(8) thread_local std::array<char, PayloadBytesMax> payload;

}  // namespace

std::size_t retained_bytes(const Progressed& progressed) {
  return sizeof(EventQueue::TakenProgress) + progressed.request_id.size() +
         progressed.other_model.size();
}

EventQueue::EventQueue(std::size_t bytes_max)
    : ring_(std::move(RingMemory::anonymous(bytes_max).value())) {}

StartRef EventQueue::started(const FactsPtr& facts) noexcept {
  if (!facts) return {};  // names no request
  const std::size_t bytes = write_record(*facts, payload.data());
  const RingPlace place = ring_.append(RecordKind::Started, {payload.data(), bytes});
  if (place == 0) {
    const std::lock_guard lock(mutex_);
    ++dropped_.started;
    return {};
  }
  waiting_.fetch_add(1, std::memory_order_relaxed);
  return {.place = place, .facts = facts.get()};
}

void EventQueue::ended(const Ended& ended, StartRef start) noexcept {
  if (!ended.facts) return;
  const bool as_started = start.place != 0 && ended.facts.get() == start.facts;
  const std::size_t bytes = write_record(ended, as_started ? EndFacts::OfStart : EndFacts::Own,
                                         start.place, payload.data());
  if (ring_.append(RecordKind::Ended, {payload.data(), bytes}) == 0) {
    drop_ended(start.place);
  } else {
    waiting_.fetch_add(1, std::memory_order_relaxed);
  }
  // Counted last: an end whose recording was cut off is one that never was.
  ring_.count_ended();
}

void EventQueue::progressed(Progressed&& progressed, StartRef start) noexcept {
  const std::size_t bytes = retained_bytes(progressed);
  const std::lock_guard lock(mutex_);
  if (progress_bytes_ + bytes > bytes_max() / 8 || start.place == 0) {
    ++dropped_.progressed;
    return;
  }
  try {
    progress_.push_back({.start = start.place, .progressed = std::move(progressed)});
  } catch (const std::bad_alloc&) {
    ++dropped_.progressed;  // a request does not fail because its report has no memory
    return;
  }
  progress_bytes_ += bytes;
  waiting_.fetch_add(1, std::memory_order_relaxed);
}

void EventQueue::drop_ended(RingPlace start) noexcept {
  const std::lock_guard lock(mutex_);
  ++dropped_.ended;
  if (start == 0 || dropped_ended_.size() == DroppedEndedMax) return;
  try {
    dropped_ended_.push_back(start);
  } catch (const std::bad_alloc&) {
    return;  // it is counted; the service notices by itself that the request is gone
  }
}

EventQueue::TakenEvents EventQueue::take() {
  TakenEvents taken;
  waiting_.store(0, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  taken.progress.swap(progress_);
  progress_bytes_ = 0;
  taken.dropped = std::exchange(dropped_, {});
  taken.ended.swap(dropped_ended_);
  return taken;
}

}  // namespace vdm::proxy
