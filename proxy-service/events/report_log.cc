#include "proxy-service/events/report_log.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/digest.h"

namespace vdm::proxy {
namespace {

bool is_gap(const Event& event) { return std::holds_alternative<Gap>(event); }

std::uint64_t ended_in(const Event& event) {
  if (std::holds_alternative<Ended>(event)) return 1;
  if (const auto* gap = std::get_if<Gap>(&event)) return gap->ended_count;
  return 0;
}

}  // namespace

ReportLog::ReportLog(Limits limits) : limits_(limits) {}

std::uint64_t ReportLog::Entry::last_seq() const {
  const auto* gap = std::get_if<Gap>(&event);
  return gap ? gap->to_seq : seq;
}

// --- from the queue ----------------------------------------------------------

void ReportLog::add(Event&& event) {
  if (auto* progressed = std::get_if<Progressed>(&event)) {
    add_progress(std::move(*progressed));
    return;
  }
  if (const auto* started = std::get_if<Started>(&event)) {
    if (!started->facts) return;  // names no request
    const auto [at, is_new] = active_.try_emplace(started->facts->request_id);
    if (is_new) at->second.facts = started->facts;
  } else if (const auto* ended = std::get_if<Ended>(&event)) {
    if (!ended->facts) return;
    const auto found = active_.find(ended->facts->request_id);
    if (found != active_.end()) found->second.ended = true;
  }
  push(std::move(event));
}

void ReportLog::add_progress(Progressed&& progressed) {
  const auto found = active_.find(progressed.request_id);
  if (found == active_.end() || found->second.ended) {
    ++dropped_.progressed;  // its request is over, or its start was dropped
    return;
  }
  Active& active = found->second;
  active.progress = progressed;
  if (active.unsent_progress != nullptr) {
    active.unsent_progress->event = std::move(progressed);
    return;
  }
  push(std::move(progressed));
  // push() may have made room by dropping the very event it added.
  const bool waits = entries_.size() > numbered_;
  if (waits && std::holds_alternative<Progressed>(entries_.back().event)) {
    active.unsent_progress = &entries_.back();
  }
}

void ReportLog::add(EventQueue::TakenEvents taken) {
  for (EventQueue::Chunk& chunk : taken.chunks) {
    for (Event& event : chunk) add(std::move(event));
    chunk = {};  // frees its memory before the next is read
  }
  add_dropped(taken);
}

void ReportLog::forget(std::string_view request_id) {
  const auto found = active_.find(request_id);
  if (found != active_.end()) forget(found);
}

void ReportLog::forget(ActiveById::iterator active) {
  if (active->second.known) {
    active_hash_ ^= active->second.id_hash;
    --active_count_;
  }
  active_.erase(active);
}

void ReportLog::add_dropped(const EventQueue::TakenEvents& taken) {
  const DroppedCounts& dropped = taken.dropped;
  for (const FactsPtr& facts : taken.ended) {
    if (facts) forget(facts->request_id);
  }
  dropped_.started += dropped.started;
  dropped_.progressed += dropped.progressed;
  dropped_.ended += dropped.ended;
  if (dropped.ended == 0) return;
  if (entries_.size() > numbered_ && is_gap(entries_.back().event)) {
    std::get<Gap>(entries_.back().event).ended_count += dropped.ended;
  } else {
    push(Gap{.from_seq = 0, .to_seq = 0, .ended_count = dropped.ended});
  }
}

void ReportLog::push(Event&& event) {
  const std::size_t bytes = retained_bytes(event);
  Entry& entry = entries_.emplace_back();
  entry.event = std::move(event);
  entry.bytes = bytes;
  bytes_ += bytes;
  if (bytes_ > limits_.bytes_max) make_room();
}

// --- from the service --------------------------------------------------------

void ReportLog::open(std::uint64_t last_committed_seq, std::uint64_t credit_bytes) {
  acknowledge(last_committed_seq, credit_bytes);
  opened_after_ = std::min(last_committed_seq, committed_);
  send_next_ = oldest_unacknowledged();
  outstanding_bytes_ = 0;
  open_ = true;
}

void ReportLog::acknowledge(std::uint64_t committed_seq, std::uint64_t credit_bytes) {
  credit_bytes_ = credit_bytes;
  committed_seq = std::min(committed_seq, next_seq_ - 1);
  if (committed_seq <= committed_) return;
  committed_ = committed_seq;
  while (numbered_ > 0 && entries_.front().last_seq() <= committed_seq) {
    shrink(entries_.front(), 0);
    entries_.pop_front();
    --numbered_;
  }
  if (numbered_ > 0 && entries_.front().seq <= committed_seq) {  // within a Gap
    entries_.front().seq = committed_seq + 1;
    std::get<Gap>(entries_.front().event).from_seq = committed_seq + 1;
  }
  send_next_ = std::max(send_next_, oldest_unacknowledged());
}

void ReportLog::give_up_sent() {
  const std::size_t end = index_of(send_next_);
  for (std::size_t at = 0; at < end; ++at) {
    if (!is_gap(entries_[at].event)) turn_into_gap(at);
  }
  for (std::size_t at = end; at-- > 1;) join_gaps(at);
}

// --- to the service ----------------------------------------------------------

bool ReportLog::next_batch(Batch& batch) {
  batch.events.clear();
  if (!open_ || outstanding_bytes_ >= credit_bytes_) return false;
  const std::uint64_t room =
      std::min<std::uint64_t>(limits_.batch_bytes_max, credit_bytes_ - outstanding_bytes_);
  std::uint64_t bytes = 0;
  for (std::size_t at = index_of(send_next_); batch.events.size() < limits_.batch_events_max;
       ++at) {
    if (at == entries_.size()) break;
    if (at == numbered_) number_one();
    Entry& next = entries_[at];
    // A batch always takes one event: a credit smaller than an event must not stop the stream.
    if (!batch.events.empty() && bytes + next.bytes > room) break;
    if (batch.events.empty()) batch.first_seq = next.seq;
    batch.events.push_back(&next.event);
    bytes += next.bytes;
    next.sent_once = true;
    send_next_ = next.last_seq() + 1;
  }
  outstanding_bytes_ += bytes;
  return !batch.events.empty();
}

ReportLog::ActiveList ReportLog::active_on_open() {
  ActiveList list{.as_of_seq = opened_after_, .items = {}};
  list.items.reserve(active_.size());
  for (auto& [id, active] : active_) {
    const bool never_seen_there = active.ended && !active.known;
    if (never_seen_there) continue;
    list.items.push_back({active.facts, active.progress});
    make_known(active);
  }
  // These requests have ended, but in what the service has committed they still run. Without
  // them in the list, it would take them for lost until their end is sent again.
  for (std::size_t at = 0; at < numbered_; ++at) {
    const Entry& entry = entries_[at];
    const auto* ended = std::get_if<Ended>(&entry.event);
    if (ended && entry.started_seq != 0 && entry.started_seq <= committed_) {
      list.items.push_back({ended->facts, std::nullopt});
    }
  }
  return list;
}

ReportLog::ActiveList ReportLog::active_now() const {
  ActiveList list{.as_of_seq = next_seq_ - 1, .items = {}};
  list.items.reserve(active_count_);
  for (const auto& [id, active] : active_) {
    if (active.known) list.items.push_back({active.facts, active.progress});
  }
  return list;
}

// --- numbers and the active set ----------------------------------------------

void ReportLog::number_one() {
  Entry& next = entries_[numbered_++];
  next.seq = next_seq_++;
  if (const auto* started = std::get_if<Started>(&next.event)) {
    const auto found = active_.find(started->facts->request_id);
    if (found != active_.end() && found->second.started_seq == 0) {
      found->second.started_seq = next.seq;
      make_known(found->second);
    }
  } else if (const auto* progressed = std::get_if<Progressed>(&next.event)) {
    const auto found = active_.find(progressed->request_id);
    if (found != active_.end()) found->second.unsent_progress = nullptr;
  } else if (const auto* ended = std::get_if<Ended>(&next.event)) {
    const auto found = active_.find(ended->facts->request_id);
    if (found != active_.end()) {
      next.started_seq = found->second.started_seq;
      forget(found);
    }
  } else {
    Gap& gap = std::get<Gap>(next.event);
    gap.from_seq = gap.to_seq = next.seq;
  }
}

/// A request that is listed before its start has a number must count from then on. Otherwise the
/// service's view would differ from ours, and it would ask for a list and drop what is not on it.
void ReportLog::make_known(Active& active) {
  if (std::exchange(active.known, true)) return;
  active.id_hash = fnv1a_64(active.facts->request_id);
  active_hash_ ^= active.id_hash;
  ++active_count_;
}

std::size_t ReportLog::index_of(std::uint64_t seq) const {
  const auto begin = entries_.begin();
  const auto found =
      std::ranges::lower_bound(begin, begin + signed_numbered(), seq, {}, &Entry::seq);
  return static_cast<std::size_t>(found - begin);
}

// --- making room -------------------------------------------------------------

void ReportLog::make_room() {
  // Frees a sixteenth more than needed, so that not every event costs the walk below.
  const std::size_t enough = limits_.bytes_max - limits_.bytes_max / 16;
  drop_unsent_progress();
  if (bytes_ > enough) drop_started_that_ended();
  while (bytes_ > enough && drop_oldest()) {
  }
}

void ReportLog::drop_unsent_progress() {
  const auto dropped = std::remove_if(first_unsent(), entries_.end(), [this](const Entry& entry) {
    const auto* progressed = std::get_if<Progressed>(&entry.event);
    if (progressed == nullptr) return false;
    const auto found = active_.find(progressed->request_id);
    if (found != active_.end()) found->second.unsent_progress = nullptr;
    bytes_ -= entry.bytes;
    ++dropped_.progressed;
    return true;
  });
  entries_.erase(dropped, entries_.end());
}

void ReportLog::drop_started_that_ended() {
  const auto dropped = std::remove_if(first_unsent(), entries_.end(), [this](const Entry& entry) {
    const auto* started = std::get_if<Started>(&entry.event);
    if (started == nullptr) return false;
    const auto found = active_.find(started->facts->request_id);
    if (found == active_.end() || !found->second.ended) return false;
    bytes_ -= entry.bytes;
    ++dropped_.started;
    return true;
  });
  entries_.erase(dropped, entries_.end());
}

bool ReportLog::drop_oldest() {
  const auto is_kept = [](const Entry& entry) { return !is_gap(entry.event); };
  const auto victim = std::find_if(entries_.begin(), first_unsent(), is_kept);
  const auto index = static_cast<std::size_t>(victim - entries_.begin());
  if (index == numbered_) {
    if (index == entries_.size()) return false;
    number_one();
  }
  if (is_kept(entries_[index])) turn_into_gap(index);
  for (std::size_t at = index; at > 0; --at) join_gaps(at);
  return true;
}

void ReportLog::turn_into_gap(std::size_t index) {
  Entry& victim = entries_[index];
  const Event& event = victim.event;
  if (std::holds_alternative<Started>(event)) ++dropped_.started;
  if (std::holds_alternative<Progressed>(event)) ++dropped_.progressed;
  dropped_.ended += ended_in(event);
  victim.event = Gap{
      .from_seq = victim.seq, .to_seq = victim.last_seq(), .ended_count = ended_in(victim.event)};
  victim.sent_once = false;
  shrink(victim, retained_bytes(victim.event));
}

/// Joins the Gap at `index` to the one before it. Not when either was sent in its present form:
/// the service may have committed it, and would count its losses twice. And not when the numbers
/// of only one are still to be sent on this stream.
void ReportLog::join_gaps(std::size_t index) {
  Entry& before = entries_[index - 1];
  Entry& after = entries_[index];
  if (!is_gap(before.event) || !is_gap(after.event)) return;
  if (before.sent_once || after.sent_once) return;
  if ((before.seq < send_next_) != (after.seq < send_next_)) return;
  Gap& joined = std::get<Gap>(before.event);
  joined.to_seq = after.last_seq();
  joined.ended_count += ended_in(after.event);
  shrink(after, 0);
  // Moves the entries in front, so that those behind stay in place: `unsent_progress` points there.
  const auto hole = entries_.begin() + static_cast<std::ptrdiff_t>(index);
  std::move_backward(entries_.begin(), hole, hole + 1);
  entries_.pop_front();
  --numbered_;
}

void ReportLog::shrink(Entry& numbered, std::size_t bytes) {
  const std::size_t freed = numbered.bytes - bytes;
  bytes_ -= freed;
  if (numbered.seq < send_next_) outstanding_bytes_ -= std::min(outstanding_bytes_, freed);
  numbered.bytes = bytes;
}

}  // namespace vdm::proxy
