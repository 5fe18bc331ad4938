#include "proxy-service/spool/event_ring.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "proxy-service/spool/crc32c.h"

namespace vdm::proxy {
namespace {

constexpr int SeqBits = 50;  // EventsMax is less
constexpr std::uint64_t SeqMask = (std::uint64_t{1} << SeqBits) - 1;
constexpr std::size_t GiveBackBytes = 1024 * 1024;
constexpr std::size_t GivesBackFrom = 4 * 1024 * 1024;  // a smaller ring is not worth the calls

/// A number is written into a record that stands already: its upper bits tell whether it is whole.
std::uint64_t with_check(std::uint64_t seq, RingPlace place) {
  constexpr std::uint64_t Odd = 0x9e3779b97f4a7c15ull;
  const std::uint64_t mixed = ((seq + 1) * Odd) ^ ((place + 1) * Odd * Odd);
  return seq | (mixed >> SeqBits << SeqBits);
}

constexpr std::uint32_t word(EventRing::State state) { return static_cast<std::uint32_t>(state); }

}  // namespace

EventRing::EventRing(RingMemory memory)
    : memory_(std::move(memory)), is_left_(false), end_(memory_.bytes()), read_(memory_.bytes()) {
  // Places begin with the second lap, so that no place is 0.
  auto& numbers = *new (memory_.head() + RingNumbersAt) RingNumbers{};
  numbers.head = end_.load();
  numbers.next_seq = 1;
  given_back_ = prepared_ = end_.load();
}

EventRing::EventRing(RingMemory memory, RingPlace end)
    : memory_(std::move(memory)),
      is_left_(true),
      end_(end),
      read_(end),
      given_back_(end),
      prepared_(end) {}

RingNumbers& EventRing::numbers() const {
  return *std::launder(reinterpret_cast<RingNumbers*>(memory_.head() + RingNumbersAt));
}

RecordHead& EventRing::head_of(RingPlace place) const {
  return *std::launder(reinterpret_cast<RecordHead*>(memory_.at(place)));
}

std::uint64_t EventRing::seq_of(const RecordHead& head) {
  const std::uint64_t kept = head.seq.load(std::memory_order_relaxed);
  const std::uint64_t seq = kept & SeqMask;
  return kept == with_check(seq, head.place) ? seq : 0;
}

std::uint32_t EventRing::check_of(const RecordHead& head) {
  const auto* const from = reinterpret_cast<const char*>(&head.place);
  return crc32c({from, head.bytes - offsetof(RecordHead, place)});
}

// --- any thread ----------------------------------------------------------------

RingPlace EventRing::reserve(std::size_t payload_bytes) {
  // The rest is for the reporter, who must be able to move records and to declare gaps.
  return reserve_within(payload_bytes, bytes() - bytes() / 16);
}

[[gnu::always_inline]] inline RingPlace EventRing::reserve_within(std::size_t payload_bytes,
                                                                  std::size_t bytes_max) {
  const std::size_t size = sizeof(RecordHead) + payload_bytes;
  const std::lock_guard lock(lock_);
  const RingPlace place = end_.load(std::memory_order_relaxed);
  const RingPlace oldest = numbers().head.load(std::memory_order_acquire);
  if (place - oldest + size > bytes_max) return 0;
  // The place is written last: until then whoever finds this ring sees its end here.
  RecordHead& head = head_of(place);
  head.state.store(word(State::Reserved), std::memory_order_relaxed);
  head.bytes = static_cast<std::uint32_t>(size);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  head.place = place;
  end_.store(place + size, std::memory_order_release);
  return place;
}

RingPlace EventRing::append(RecordKind kind, std::string_view payload) {
  const RingPlace place = reserve(payload.size());
  if (place == 0) return 0;
  char* const to = this->payload(place);
  std::memcpy(to, payload.data(), payload.size());
  std::uint64_t name = 0;
  std::memcpy(&name, to, sizeof name);
  if (name == 0) std::memcpy(to, &place, sizeof place);
  commit(place, kind);
  return place;
}

void EventRing::commit(RingPlace place, RecordKind kind) { finish(place, kind, 0); }

[[gnu::always_inline]] inline void EventRing::finish(RingPlace place, RecordKind kind,
                                                     std::uint16_t is_copy) {
  RecordHead& head = head_of(place);
  head.kind = static_cast<std::uint16_t>(kind);
  head.is_copy = is_copy;
  if (is_copy == 0) head.seq.store(0, std::memory_order_relaxed);
  head.check = check_of(head);
  head.state.store(word(State::Committed), std::memory_order_release);
}

// --- the reporter's thread -------------------------------------------------------

bool EventRing::next(Record& out) {
  while (read_ != end_.load(std::memory_order_acquire)) {
    const RecordHead& head = head_of(read_);
    if (head.state.load(std::memory_order_acquire) == word(State::Reserved)) return false;
    const RingPlace place = std::exchange(read_, read_ + head.bytes);
    if (head.is_copy != 0) continue;
    out = record(place);
    return true;
  }
  return false;
}

EventRing::Record EventRing::record(RingPlace place) const {
  const RecordHead& head = head_of(place);
  return {.place = place,
          .kind = static_cast<RecordKind>(head.kind),
          .bytes = head.bytes,
          .payload = {payload(place), head.bytes - sizeof head}};
}

RingPlace EventRing::append_gap(const Gap& gap, std::uint64_t seq) {
  const RingPlace place = reserve_within(GapPayloadBytes, bytes());
  if (place == 0) return 0;
  write_record(gap, payload(place));
  set_seq(place, seq);
  finish(place, RecordKind::Gap, 1);
  return place;
}

void EventRing::set_seq(RingPlace place, std::uint64_t seq) {
  head_of(place).seq.store(seq == 0 ? 0 : with_check(seq, place), std::memory_order_relaxed);
}

void EventRing::free(RingPlace place) {
  head_of(place).state.store(word(State::Free), std::memory_order_release);
  if (place == numbers().head.load(std::memory_order_relaxed)) advance_head();
}

void EventRing::advance_head() {
  if (is_left_) return;
  RingPlace at = numbers().head.load(std::memory_order_relaxed);
  while (at != read_) {
    const RecordHead& head = head_of(at);
    if (head.state.load(std::memory_order_relaxed) != word(State::Free)) break;
    at += head.bytes;
  }
  give_back(at);
  numbers().head.store(at, std::memory_order_release);
}

/// Before it is told that these bytes can be written: recorders stay a sixteenth of the ring away
/// from what is not told, and what is not given back yet is less than that.
void EventRing::give_back(RingPlace to) {
  const RingPlace whole = to - to % RingMemory::HeadBytes;
  if (bytes() < GivesBackFrom || whole < given_back_ + std::min(GiveBackBytes, bytes() / 32))
    return;
  if (end_.load(std::memory_order_relaxed) <= given_back_ + bytes()) {
    memory_.give_back(given_back_, whole);
  }
  given_back_ = whole;
}

bool EventRing::oldest(Record& out) const {
  const RingPlace at = numbers().head.load(std::memory_order_relaxed);
  if (at == read_) return false;
  out = record(at);
  return true;
}

RingPlace EventRing::move(const Record& record) {
  const RingPlace place = reserve_within(record.payload.size(), bytes());
  if (place == 0) return 0;
  std::memcpy(payload(place), record.payload.data(), record.payload.size());
  set_seq(place, seq_of(head_of(record.place)));
  finish(place, record.kind, 1);
  free(record.place);
  return place;
}

void EventRing::prepare() {
  if (is_left_) return;
  numbers().ended_recorded.store(ended_recorded_.load(std::memory_order_relaxed),
                                 std::memory_order_relaxed);
  const std::size_t ahead = memory_.bytes_ahead();
  const RingPlace end = end_.load(std::memory_order_relaxed);
  if (end + ahead / 2 <= prepared_) return;
  const RingPlace from = std::max(end, prepared_);
  prepared_ = end + ahead;
  memory_.prepare(from, prepared_ - from);
}

std::size_t EventRing::used() const {
  return end_.load(std::memory_order_relaxed) - numbers().head.load(std::memory_order_relaxed);
}

}  // namespace vdm::proxy
