#include "proxy-service/events/report_log.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/digest.h"

namespace vdm::proxy {
ReportLog::ReportLog(EventQueue& queue, Limits limits)
    : queue_(queue), ring_(queue.ring()), limits_(limits) {}

// --- from the queue ----------------------------------------------------------

void ReportLog::take() {
  EventQueue::TakenEvents taken = queue_.take();
  EventRing::Record record;
  while (ring_.next(record)) add(record);
  for (EventQueue::TakenProgress& each : taken.progress) {
    add_progress(each.start, std::move(each.progressed));
  }
  add_dropped(taken);
  if (held_bytes() > limits_.bytes_max) make_room();
  compact();
  ring_.prepare();
}

void ReportLog::add(const EventRing::Record& record) {
  RecordName name;
  read_name(record.kind, record.payload, name);  // of our own writing
  ring_bytes_ += record.bytes;
  if (record.kind == RecordKind::Started) return add_started(record, name.start);
  add_ended(record, name.start, name.attempts);
}

void ReportLog::add_started(const EventRing::Record& record, RingPlace key) {
  Request& request = requests_[key];
  request.start_place = record.place;
  request.start_waits = true;
  const auto bytes = static_cast<std::uint32_t>(record.bytes);
  // Encoded, a model's name can stand there twice.
  push({.kind = Kind::Started, .bytes = bytes, .sent_bytes = 2 * bytes, .key = key});
}

void ReportLog::add_ended(const EventRing::Record& record, RingPlace key, std::size_t attempts) {
  Request& request = requests_[key];
  request.end_place = record.place;
  // Encoded, it has the facts of its start, and each attempt a provider and a model.
  const std::size_t facts =
      request.start_place == 0 ? record.bytes : ring_.record(request.start_place).bytes;
  push({.kind = Kind::Ended,
        .bytes = static_cast<std::uint32_t>(record.bytes),
        .sent_bytes = static_cast<std::uint32_t>(record.bytes + (2 + attempts) * facts),
        .key = key});
}

void ReportLog::add_progress(RingPlace start, Progressed&& progressed) {
  const auto found = requests_.find(start);
  if (found == requests_.end() || found->second.over || found->second.end_place != 0) {
    ++dropped_.progressed;  // its request is over
    return;
  }
  Request& request = found->second;
  if (request.progress_waits) {
    *request.progress = std::move(progressed);
    return;
  }
  const std::size_t bytes = retained_bytes(progressed);
  request.progress = std::make_shared<Progressed>(std::move(progressed));
  request.progress_waits = true;
  progress_bytes_ += bytes;
  push({.kind = Kind::Progressed,
        .bytes = static_cast<std::uint32_t>(bytes),
        .sent_bytes = static_cast<std::uint32_t>(bytes),
        .key = start,
        .progressed = request.progress});
}

void ReportLog::add_dropped(const EventQueue::TakenEvents& taken) {
  const DroppedCounts& dropped = taken.dropped;
  for (const RingPlace key : taken.ended) {
    const auto found = requests_.find(key);
    if (found == requests_.end()) continue;
    end(found->second);
    finish(key);
  }
  dropped_.started += dropped.started;
  dropped_.progressed += dropped.progressed;
  dropped_.ended += dropped.ended;
  if (dropped.ended == 0) return;
  if (entries_.size() > numbered_ && entries_.back().kind == Kind::Gap) {
    entries_.back().ended_count += dropped.ended;
  } else {
    push({.kind = Kind::Gap, .sent_bytes = GapSentBytes, .ended_count = dropped.ended});
  }
}

void ReportLog::push(Entry&& entry) {
  bytes_ += entry.bytes;
  entries_.push_back(std::move(entry));
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
  ring_.numbers().committed.store(committed_seq, std::memory_order_relaxed);
  while (numbered_ > 0 && entries_.front().last_seq() <= committed_seq) {
    Entry& front = entries_.front();
    settle(front);
    shrink(front, Entry{});
    entries_.pop_front();
    --numbered_;
  }
  if (numbered_ > 0 && entries_.front().seq <= committed_seq) {  // within a Gap
    entries_.front().seq = committed_seq + 1;
    entries_.front().is_unkept = gaps_unkept_ = true;
  }
  send_next_ = std::max(send_next_, oldest_unacknowledged());
}

/// Its event is in the service's store.
void ReportLog::settle(const Entry& entry) {
  auto& settled = ring_.numbers().ended_settled;
  switch (entry.kind) {
    case Kind::Started:
      return start_is_gone(entry.key);
    case Kind::Progressed:
      progress_bytes_ -= entry.bytes;
      return;
    case Kind::Ended:
      settled.fetch_add(1, std::memory_order_relaxed);
      return finish(entry.key);
    case Kind::Gap:
      settled.fetch_add(entry.ended_count, std::memory_order_relaxed);
      RingPlace record = entry.key;
      return free_record(record);
  }
}

void ReportLog::give_up_sent() {
  const std::size_t end = index_of(send_next_);
  for (std::size_t at = 0; at < end; ++at) {
    if (entries_[at].kind != Kind::Gap) turn_into_gap(at);
  }
  for (std::size_t at = end; at-- > 1;) join_gaps(at);
  keep_gaps();
}

// --- to the service ----------------------------------------------------------

bool ReportLog::next_batch(Batch& batch) {
  batch.events.clear();
  if (!open_ || outstanding_bytes_ >= credit_bytes_) return false;
  forget_decoded();
  const std::uint64_t room =
      std::min<std::uint64_t>(limits_.batch_bytes_max, credit_bytes_ - outstanding_bytes_);
  std::uint64_t bytes = 0;
  for (std::size_t at = index_of(send_next_); batch.events.size() < limits_.batch_events_max;
       ++at) {
    if (at == entries_.size()) break;
    if (at == numbered_) number_one();
    Entry& next = entries_[at];
    // A batch always takes one event: a credit smaller than an event must not stop the stream.
    if (!batch.events.empty() && bytes + next.sent_bytes > room) break;
    if (batch.events.empty()) batch.first_seq = next.seq;
    batch.events.push_back(decoded(next));
    bytes += next.sent_bytes;
    next.sent_once = true;
    send_next_ = next.last_seq() + 1;
  }
  outstanding_bytes_ += bytes;
  // Before anything is sent, what is said of it is where the next process would find it.
  keep_gaps();
  ring_.numbers().next_seq.store(next_seq_, std::memory_order_relaxed);
  return !batch.events.empty();
}

ReportLog::ActiveList ReportLog::active_on_open() {
  ActiveList list{.as_of_seq = opened_after_, .items = {}};
  list.items.reserve(requests_.size());
  for (auto& [key, request] : requests_) {
    if (request.over || request.start_place == 0) continue;
    const bool never_seen_there = request.end_place != 0 && !request.known;
    if (never_seen_there) continue;
    list.items.push_back(item_of(request));
    make_known(request, list.items.back().facts->request_id);
  }
  // These requests have ended, but in what the service has committed they still run. Without
  // them in the list, it would take them for lost until their end is sent again.
  for (std::size_t at = 0; at < numbered_; ++at) {
    const Entry& entry = entries_[at];
    if (entry.kind == Kind::Ended && entry.started_seq != 0 && entry.started_seq <= committed_) {
      list.items.push_back({facts_of(requests_.at(entry.key)), std::nullopt});
    }
  }
  return list;
}

ReportLog::ActiveList ReportLog::active_now() const {
  ActiveList list{.as_of_seq = next_seq_ - 1, .items = {}};
  list.items.reserve(active_count_);
  for (const auto& [key, request] : requests_) {
    if (request.known && !request.over) list.items.push_back(item_of(request));
  }
  return list;
}

ReportLog::ActiveItem ReportLog::item_of(const Request& request) const {
  ActiveItem item{.facts = facts_of(request), .progress = std::nullopt};
  if (request.progress) item.progress = *request.progress;
  return item;
}

// --- requests, and the active set ----------------------------------------------

FactsPtr ReportLog::facts_of(const Request& request) const {
  auto facts = std::make_shared<RequestFacts>();
  read_started(ring_.record(request.start_place).payload, *facts);
  return facts;
}

/// A request that is listed before its start has a number must count from then on. Otherwise the
/// service's view would differ from ours, and it would ask for a list and drop what is not on it.
void ReportLog::make_known(Request& request, std::string_view id) {
  if (request.over || std::exchange(request.known, true)) return;
  request.id_hash = fnv1a_64(id);
  active_hash_ ^= request.id_hash;
  ++active_count_;
}

void ReportLog::end(Request& request) {
  request.over = true;
  request.progress.reset();
  if (!std::exchange(request.known, false)) return;
  active_hash_ ^= request.id_hash;
  --active_count_;
}

/// Its end is acknowledged, or lost: nothing of it is needed but a start that is still to be sent.
void ReportLog::finish(RingPlace key) {
  const auto found = requests_.find(key);
  if (found == requests_.end()) return;
  Request& request = found->second;
  request.done = true;
  if (!request.start_waits) free_record(request.start_place);
  free_record(request.end_place);
  if (!request.start_waits) requests_.erase(found);
}

/// Its start is no longer one of the entries.
void ReportLog::start_is_gone(RingPlace key) {
  const auto found = requests_.find(key);
  if (found == requests_.end()) return;
  found->second.start_waits = false;
  if (found->second.done) finish(key);
}

// --- numbers, and events from records --------------------------------------------

void ReportLog::number_one() {
  Entry& next = entries_[numbered_++];
  next.seq = next_seq_++;
  if (next.kind == Kind::Gap) {
    next.to_seq = next.seq;
    next.is_unkept = gaps_unkept_ = true;
    return;
  }
  Request* const request = [&]() -> Request* {
    const auto found = requests_.find(next.key);
    return found == requests_.end() ? nullptr : &found->second;
  }();
  if (request == nullptr) return;  // a progress whose request is done
  if (next.kind == Kind::Started) {
    ring_.set_seq(request->start_place, next.seq);
    request->started_seq = next.seq;
    if (const auto at = decoded_facts(*request)) {
      make_known(*request, decoded_.facts(*at).request_id);
    }
  } else if (next.kind == Kind::Progressed) {
    request->progress_waits = false;
  } else {
    ring_.set_seq(request->end_place, next.seq);
    next.started_seq = request->started_seq;
    end(*request);
  }
}

std::size_t ReportLog::index_of(std::uint64_t seq) const {
  const auto begin = entries_.begin();
  const auto found =
      std::ranges::lower_bound(begin, begin + signed_numbered(), seq, {}, &Entry::seq);
  return static_cast<std::size_t>(found - begin);
}

void ReportLog::forget_decoded() {
  decoded_.clear();
  ++batch_number_;
}

/// Where the facts of a request are among those of this batch. Nothing: they cannot be read.
std::optional<std::size_t> ReportLog::decoded_facts(Request& request) {
  if (request.decoded_in == batch_number_) return request.decoded_at;
  const std::size_t at = decoded_.add_facts();
  const bool is_read =
      request.start_place != 0
          ? read_started(ring_.record(request.start_place).payload, decoded_.facts(at))
          : read_own_facts(ring_.record(request.end_place).payload, decoded_.facts(at));
  if (!is_read) return std::nullopt;
  request.decoded_in = batch_number_;
  request.decoded_at = at;
  return at;
}

const Event* ReportLog::decoded(const Entry& entry) {
  if (entry.kind == Kind::Gap) {
    Event& event = decoded_.add_other();
    event = Gap{.from_seq = entry.seq, .to_seq = entry.to_seq, .ended_count = entry.ended_count};
    return &event;
  }
  if (entry.kind == Kind::Progressed) {
    Event& event = decoded_.add_other();
    event = *entry.progressed;
    return &event;
  }
  Request& request = requests_.at(entry.key);
  if (entry.kind == Kind::Started) {
    Event& event = decoded_.add_started();
    if (const auto at = decoded_facts(request)) {
      std::get<Started>(event).facts = decoded_.share(*at);
      return &event;
    }
  } else {
    Event& event = decoded_.add_ended();
    auto& ended = std::get<Ended>(event);
    const std::string_view payload = ring_.record(request.end_place).payload;
    if (read_ended_facts(payload, request, ended) && read_ended(payload, ended)) return &event;
  }
  // The record was whole when it was added: somebody else has written into the file since.
  Event& event = decoded_.add_other();
  event = Gap{.from_seq = entry.seq,
              .to_seq = entry.seq,
              .ended_count = entry.kind == Kind::Ended ? 1u : 0u};
  return &event;
}

/// Sets the facts of an end: its own, if it says them, else those of its start.
bool ReportLog::read_ended_facts(std::string_view payload, Request& request, Ended& ended) {
  RecordName name;
  if (!read_name(RecordKind::Ended, payload, name)) return false;
  if (request.start_place != 0 && name.facts == EndFacts::Own) {
    const std::size_t own = decoded_.add_facts();
    ended.facts = decoded_.share(own);
    return read_own_facts(payload, decoded_.facts(own));
  }
  const auto at = decoded_facts(request);
  if (at) ended.facts = decoded_.share(*at);
  return at.has_value();
}

}  // namespace vdm::proxy
