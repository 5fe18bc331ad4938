#include <algorithm>
#include <memory>
#include <utility>

#include "proxy-service/events/report_log.h"

// How the log makes room when its events take more than it may keep, and how the ring gets its free
// bytes back: it is written from its end on, so what is kept in front of free bytes moves behind.

namespace vdm::proxy {

void ReportLog::make_room() {
  // Frees a sixteenth more than needed, so that not every event costs the walk below.
  const std::size_t enough = limits_.bytes_max - limits_.bytes_max / 16;
  drop_unsent_progress();
  if (held_bytes() > enough) drop_started_that_ended();
  while (held_bytes() > enough && drop_oldest()) {
  }
  keep_gaps();
}

void ReportLog::drop_unsent_progress() {
  const auto dropped = std::remove_if(first_unsent(), entries_.end(), [this](const Entry& entry) {
    if (entry.kind != Kind::Progressed) return false;
    const auto found = requests_.find(entry.key);
    if (found != requests_.end()) found->second.progress_waits = false;
    bytes_ -= entry.bytes;
    progress_bytes_ -= entry.bytes;
    ++dropped_.progressed;
    return true;
  });
  entries_.erase(dropped, entries_.end());
}

/// The record stays, for the facts that its end does not repeat; but it need not be sent.
void ReportLog::drop_started_that_ended() {
  const auto dropped = std::remove_if(first_unsent(), entries_.end(), [this](const Entry& entry) {
    if (entry.kind != Kind::Started || requests_.at(entry.key).end_place == 0) return false;
    bytes_ -= entry.bytes;
    ++dropped_.started;
    requests_.at(entry.key).start_waits = false;
    return true;
  });
  entries_.erase(dropped, entries_.end());
}

bool ReportLog::drop_oldest() {
  const auto is_kept = [](const Entry& entry) { return entry.kind != Kind::Gap; };
  const auto victim = std::find_if(entries_.begin(), first_unsent(), is_kept);
  const auto index = static_cast<std::size_t>(victim - entries_.begin());
  if (index == numbered_) {
    if (index == entries_.size()) return false;
    number_one();
  }
  if (is_kept(entries_[index])) turn_into_gap(index);
  for (std::size_t at = index; at > 0; --at) join_gaps(at);
  forget_decoded();
  return true;
}

void ReportLog::turn_into_gap(std::size_t index) {
  const Entry victim = entries_[index];
  Entry gap{.kind = Kind::Gap,
            .is_unkept = true,
            .sent_bytes = std::min(victim.sent_bytes, GapSentBytes),
            .seq = victim.seq,
            .to_seq = victim.seq};
  gaps_unkept_ = true;
  switch (victim.kind) {
    case Kind::Started:
      ++dropped_.started;
      start_is_gone(victim.key);
      break;
    case Kind::Progressed:
      ++dropped_.progressed;
      progress_bytes_ -= victim.bytes;
      break;
    case Kind::Ended:
      ++dropped_.ended;
      gap.ended_count = 1;
      finish(victim.key);
      break;
    case Kind::Gap:
      return;
  }
  shrink(entries_[index], gap);
  entries_[index] = std::move(gap);
}

/// Joins the Gap at `index` to the one before it. Not when either was sent in its present form:
/// the service may have committed it, and would count its losses twice. And not when the numbers
/// of only one are still to be sent on this stream.
void ReportLog::join_gaps(std::size_t index) {
  Entry& before = entries_[index - 1];
  Entry& after = entries_[index];
  if (before.kind != Kind::Gap || after.kind != Kind::Gap) return;
  if (before.sent_once || after.sent_once) return;
  if ((before.seq < send_next_) != (after.seq < send_next_)) return;
  before.to_seq = after.to_seq;
  before.ended_count += after.ended_count;
  before.is_unkept = gaps_unkept_ = true;
  shrink(after, Entry{});
  free_record(after.key);
  // Moves the entries in front: the walk of those behind goes on at its place.
  const auto hole = entries_.begin() + static_cast<std::ptrdiff_t>(index);
  std::move_backward(entries_.begin(), hole, hole + 1);
  entries_.pop_front();
  --numbered_;
}

/// What `numbered` takes becomes what `to` takes.
void ReportLog::shrink(Entry& numbered, const Entry& to) {
  bytes_ -= numbered.bytes - to.bytes;
  const std::uint64_t freed = numbered.sent_bytes - to.sent_bytes;
  if (numbered.seq < send_next_) outstanding_bytes_ -= std::min(outstanding_bytes_, freed);
  numbered.bytes = to.bytes;
  numbered.sent_bytes = to.sent_bytes;
}

/// Writes into the ring what it does not say of the gaps. Without room for that, the next process
/// still finds that ends are missing, and declares them.
void ReportLog::keep_gaps() {
  if (!std::exchange(gaps_unkept_, false)) return;
  for (std::size_t at = 0; at < numbered_; ++at) {
    Entry& entry = entries_[at];
    if (entry.kind != Kind::Gap || !std::exchange(entry.is_unkept, false)) continue;
    RingPlace outdated = entry.key;
    entry.key = ring_.append_gap({entry.seq, entry.to_seq, entry.ended_count}, entry.seq);
    if (entry.key != 0) ring_bytes_ += ring_.record(entry.key).bytes;
    free_record(outdated);
  }
}

void ReportLog::free_record(RingPlace& place) {
  if (place == 0) return;
  ring_bytes_ -= ring_.record(place).bytes;
  ring_.free(std::exchange(place, 0));
}

/// Moves what is kept at the ring's beginning to its end, until free bytes are at the beginning.
void ReportLog::compact() {
  const std::size_t most = ring_.bytes() - ring_.bytes() / 16 * 3 / 2;
  if (ring_bytes_ >= most) return;  // nothing but what is kept
  EventRing::Record record;
  while (ring_.used() > most && ring_.oldest(record)) {
    const RingPlace to = ring_.move(record);
    if (to == 0) return;
    moved(record, to);
  }
}

void ReportLog::moved(const EventRing::Record& from, RingPlace to) {
  if (from.kind == RecordKind::Gap) {
    const auto of = [&](const Entry& entry) {
      return entry.kind == Kind::Gap && entry.key == from.place;
    };
    const auto found = std::ranges::find_if(entries_, of);
    if (found != entries_.end()) found->key = to;
    return;
  }
  RecordName name;
  read_name(from.kind, ring_.record(to).payload, name);
  Request& request = requests_.at(name.start);
  (from.kind == RecordKind::Started ? request.start_place : request.end_place) = to;
}

}  // namespace vdm::proxy
