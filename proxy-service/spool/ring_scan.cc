#include "proxy-service/spool/ring_scan.h"

#include <algorithm>
#include <cstring>

namespace vdm::proxy {
namespace {

constexpr std::size_t Step = 8;  // every record begins at a multiple of it

enum class Found : std::uint8_t { Nothing, Whole, Torn, Free };

/// Looks for records from the oldest on, and within one lap.
class RingScanner {
 public:
  explicit RingScanner(const RingMemory& memory) : memory_(memory) {
    const RingPlace head = numbers_of(memory).head.load(std::memory_order_relaxed);
    begin_ = head % Step == 0 && head >= memory.bytes() && head < PlaceMost ? head : 0;
  }

  RingScan scan() {
    scan_.begin = scan_.end = begin_;
    if (begin_ == 0) {
      scan_everywhere();
      return std::move(scan_);
    }
    RingPlace at = begin_;
    while (at < limit()) {
      const Found found = look(at);
      if (found != Found::Nothing) {
        at += head_at(at).bytes;
        scan_.end = at;
        continue;
      }
      const RingPlace next = next_whole(at + Step);
      if (next == 0) break;
      scan_.is_damaged = true;
      at = next;
    }
    return std::move(scan_);
  }

 private:
  static constexpr RingPlace PlaceMost = RingPlace{1} << 62;

  RingPlace limit() const { return begin_ + memory_.bytes(); }
  const RecordHead& head_at(RingPlace place) const {
    return *std::launder(reinterpret_cast<const RecordHead*>(memory_.at(place)));
  }

  bool is_head(RingPlace place) const {
    const RecordHead& head = head_at(place);
    return head.place == place && head.bytes >= sizeof head && head.bytes % Step == 0 &&
           place + head.bytes <= limit();
  }
  bool is_whole(RingPlace place) const {
    const RecordHead& head = head_at(place);
    return is_head(place) && head.check == EventRing::check_of(head);
  }

  Found look(RingPlace place) {
    if (!is_head(place)) return Found::Nothing;
    const auto state = EventRing::State{head_at(place).state.load(std::memory_order_relaxed)};
    if (state == EventRing::State::Reserved) return Found::Torn;
    if (!is_whole(place)) return Found::Nothing;
    if (state == EventRing::State::Free) return Found::Free;
    if (state != EventRing::State::Committed) return Found::Nothing;
    keep(place);
    return Found::Whole;
  }

  void keep(RingPlace place) {
    const RecordHead& head = head_at(place);
    const auto kind = static_cast<RecordKind>(head.kind);
    if (kind == RecordKind::None || kind > RecordKind::Gap) {
      scan_.is_damaged = true;
      return;
    }
    scan_.records.push_back(
        {.place = place, .kind = kind, .bytes = head.bytes, .seq = EventRing::seq_of(head)});
  }

  /// The next place with a record that is whole, behind a damaged one; 0: none.
  RingPlace next_whole(RingPlace from) const {
    for (RingPlace at = from; at + sizeof(RecordHead) <= limit(); at += Step) {
      if (head_at(at).place == at && is_whole(at)) return at;
    }
    return 0;
  }

  /// Where the oldest record is was not told: each record says its own place.
  void scan_everywhere() {
    scan_.is_damaged = true;
    const std::size_t bytes = memory_.bytes();
    for (std::size_t offset = 0; offset < bytes; offset += Step) {
      const RingPlace place = head_at(offset).place;
      if (place % bytes != offset || place < bytes || place >= PlaceMost) continue;
      begin_ = place;  // is_whole() takes the lap from here
      if (is_whole(place)) look(place);
    }
    std::ranges::sort(scan_.records, {}, &FoundRecord::place);
    if (scan_.records.empty()) {
      scan_.end = begin_ = bytes;
      return;
    }
    begin_ = scan_.records.front().place;
    const FoundRecord& last = scan_.records.back();
    scan_.end = last.place + last.bytes;
    std::erase_if(scan_.records,
                  [this](const FoundRecord& r) { return r.place < scan_.end - memory_.bytes(); });
  }

  const RingMemory& memory_;
  RingPlace begin_ = 0;
  RingScan scan_;
};

}  // namespace

RingScan scan_ring(const RingMemory& memory) { return RingScanner(memory).scan(); }

const RingNumbers& numbers_of(const RingMemory& memory) {
  return *std::launder(reinterpret_cast<const RingNumbers*>(memory.head() + RingNumbersAt));
}

}  // namespace vdm::proxy
