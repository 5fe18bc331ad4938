#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "common/base/env.h"
#include "proto/contract/event_codec.h"
#include "proto/contract/event_limits.h"
#include "proxy-service/events/report_log.h"

// How the log is made again from the ring of a process that is gone. The ring's records may be from
// before and after any single step of that process; nothing that it says is trusted.

namespace vdm::proxy {
namespace {

bool is_request(const RequestFacts& facts) {
  const std::string& id = facts.request_id;
  return !id.empty() && id.size() <= Caps::RequestId && is_visible(id);
}

}  // namespace

struct ReportLog::Left {
  std::vector<Entry> numbered;
  std::vector<Entry> waiting;  // without a number, in the order of their places
  std::uint64_t ended = 0;     // ends that were found, one by one or in Gaps
};

void ReportLog::restore(const RingScan& scan) {
  const RingNumbers& numbers = ring_.numbers();
  const auto plausible = [](const std::atomic<std::uint64_t>& number) {
    return std::min(number.load(std::memory_order_relaxed), EventsMax);
  };
  committed_ = plausible(numbers.committed);
  next_seq_ = send_next_ = committed_ + 1;
  dropped_ = {.started = plausible(numbers.dropped_started),
              .progressed = plausible(numbers.dropped_progressed),
              .ended = plausible(numbers.dropped_ended)};
  Left left;
  for (const FoundRecord& found : scan.records) {
    if (found.kind == RecordKind::Started) restore_start(found);
  }
  for (const FoundRecord& found : scan.records) {
    if (found.kind == RecordKind::Ended) restore_end(found, left);
    if (found.kind == RecordKind::Gap) restore_gap(found, left);
  }
  for (auto& [key, request] : requests_) {
    if (request.start_place == 0 || (request.end_place != 0 && request.started_seq == 0)) continue;
    const auto bytes = static_cast<std::uint32_t>(ring_.record(request.start_place).bytes);
    auto& entries = request.started_seq != 0 ? left.numbered : left.waiting;
    entries.push_back({.kind = Kind::Started,
                       .bytes = bytes,
                       .sent_bytes = 2 * bytes,
                       .seq = request.started_seq,
                       .to_seq = request.start_place,  // its order among those without a number
                       .key = key});
    request.start_waits = true;
  }
  restore_numbered(left);
  restore_hole(std::max(plausible(numbers.next_seq), next_seq_) - 1);
  std::ranges::sort(left.waiting, {}, &Entry::to_seq);
  for (Entry& entry : left.waiting) push(std::move(entry));
  restore_missing(left.ended);
}

void ReportLog::restore_start(const FoundRecord& found) {
  const EventRing::Record record = ring_.record(found.place);
  RecordName name;
  RequestFacts facts;
  const bool is_good = read_name(record.kind, record.payload, name) && name.start != 0 &&
                       read_started(record.payload, facts) && is_request(facts);
  // One that is there twice was being moved.
  if (!is_good || requests_.contains(name.start)) return ring_.free(found.place);
  Request& request = requests_[name.start];
  request.start_place = found.place;
  request.started_seq = found.seq;
  ring_bytes_ += record.bytes;
  if (found.seq != 0) make_known(request, facts.request_id);
}

void ReportLog::restore_end(const FoundRecord& found, Left& left) {
  const EventRing::Record record = ring_.record(found.place);
  RecordName name;
  auto facts = std::make_shared<RequestFacts>();
  Ended ended;
  ended.facts = facts;
  const bool is_named = read_name(record.kind, record.payload, name) && name.start != 0;
  const auto begun = is_named ? requests_.find(name.start) : requests_.end();
  const bool has_start = begun != requests_.end() && begun->second.start_place != 0;
  const bool has_facts =
      is_named &&
      (name.facts == EndFacts::Own ? read_own_facts(record.payload, *facts) && is_request(*facts)
                                   : has_start);
  const bool is_twice = begun != requests_.end() && begun->second.end_place != 0;
  if (!has_facts || is_twice || !read_ended(record.payload, ended)) return ring_.free(found.place);
  Request& request = requests_[name.start];
  request.end_place = found.place;
  ring_bytes_ += record.bytes;
  ++left.ended;
  const std::size_t facts_bytes =
      has_start ? ring_.record(request.start_place).bytes : record.bytes;
  auto& entries = found.seq != 0 ? left.numbered : left.waiting;
  entries.push_back(
      {.kind = Kind::Ended,
       .bytes = static_cast<std::uint32_t>(record.bytes),
       .sent_bytes = static_cast<std::uint32_t>(record.bytes + (2 + name.attempts) * facts_bytes),
       .seq = found.seq,
       .to_seq = found.place,
       .key = name.start,
       .started_seq = request.started_seq});
}

void ReportLog::restore_gap(const FoundRecord& found, Left& left) {
  Gap gap;
  const bool is_good = read_gap(ring_.record(found.place).payload, gap) && gap.from_seq != 0 &&
                       gap.from_seq <= gap.to_seq && gap.to_seq <= EventsMax &&
                       gap.ended_count <= GapEndedMax;
  if (!is_good) return ring_.free(found.place);
  ring_bytes_ += found.bytes;
  left.ended += gap.ended_count;
  left.numbered.push_back({.kind = Kind::Gap,
                           .sent_bytes = GapSentBytes,
                           .seq = gap.from_seq,
                           .to_seq = gap.to_seq,
                           .key = found.place,
                           .ended_count = gap.ended_count});
}

/// A Gap takes the place of what it covers: its process was about to free that.
void ReportLog::restore_numbered(Left& left) {
  const auto order = [](const Entry& entry) {
    const bool is_gap = entry.kind == Kind::Gap;
    return std::tuple(entry.seq, !is_gap, ~(is_gap ? entry.to_seq : 0));
  };
  std::ranges::sort(left.numbered, {}, order);
  for (Entry& entry : left.numbered) {
    const bool is_covered = entry.last_seq() < next_seq_ || entry.seq > EventsMax;
    if (is_covered) {
      // It is counted already: as acknowledged, or by the Gap that covers it.
      left.ended -= entry.kind == Kind::Ended ? 1 : entry.ended_count;
      discard(entry);
      continue;
    }
    if (entry.kind == Kind::Gap) entry.seq = std::max(entry.seq, next_seq_);
    restore_hole(entry.seq - 1);
    next_seq_ = entry.last_seq() + 1;
    if (entry.kind == Kind::Ended) end(requests_.at(entry.key));
    push(std::move(entry));
    ++numbered_;
  }
}

void ReportLog::discard(Entry& entry) {
  if (entry.kind == Kind::Started) return start_is_gone(entry.key);
  if (entry.kind == Kind::Gap) return free_record(entry.key);
  end(requests_.at(entry.key));
  finish(entry.key);
}

/// Numbers up to `to_seq` that nothing stands for: progress, or what the gap at the end counts.
void ReportLog::restore_hole(std::uint64_t to_seq) {
  if (to_seq < next_seq_) return;
  push({.kind = Kind::Gap, .sent_bytes = GapSentBytes, .seq = next_seq_, .to_seq = to_seq});
  ++numbered_;
  next_seq_ = to_seq + 1;
}

void ReportLog::restore_missing(std::uint64_t ended_found) {
  const RingNumbers& numbers = ring_.numbers();
  const std::uint64_t recorded = numbers.ended_recorded.load(std::memory_order_relaxed);
  const std::uint64_t accounted =
      numbers.ended_settled.load(std::memory_order_relaxed) + ended_found;
  if (recorded <= accounted) return;
  const std::uint64_t missing = std::min(recorded - accounted, GapEndedMax);
  dropped_.ended = std::max(dropped_.ended, missing);
  push({.kind = Kind::Gap, .sent_bytes = GapSentBytes, .ended_count = missing});
}

}  // namespace vdm::proxy
