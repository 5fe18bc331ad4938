#include "proxy-service/spool/ring_scan.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace vdm::proxy::ring_scan_test {
namespace {

constexpr std::size_t RecordBytes = sizeof(RecordHead) + GapPayloadBytes;

RingMemory small() { return std::move(RingMemory::anonymous(1).value()); }

RingMemory copy_of(const RingMemory& from) {
  RingMemory copy = small();
  std::memcpy(copy.head(), from.head(), RingMemory::HeadBytes);
  std::memcpy(copy.at(0), from.at(0), from.bytes());
  return copy;
}

RingPlace record(EventRing& ring, std::uint64_t value) {
  const RingPlace place = ring.reserve(GapPayloadBytes);
  write_record(Gap{.from_seq = value, .to_seq = value, .ended_count = value}, ring.payload(place));
  ring.commit(place, RecordKind::Gap);
  return place;
}

std::uint64_t value_at(const RingMemory& memory, RingPlace place) {
  Gap gap;
  read_gap({memory.at(place) + sizeof(RecordHead), GapPayloadBytes}, gap);
  return gap.ended_count;
}

std::vector<std::uint64_t> values(const RingMemory& memory, const RingScan& scan) {
  std::vector<std::uint64_t> found;
  for (const FoundRecord& each : scan.records) found.push_back(value_at(memory, each.place));
  return found;
}

TEST(RingScan, FindsWhatWasRecordedAndNotFreed) {
  EventRing ring(small());
  for (std::uint64_t i = 0; i < 5; ++i) record(ring, i);
  EventRing::Record each;
  std::vector<RingPlace> places;
  while (ring.next(each)) places.push_back(each.place);
  ring.set_seq(places[4], 9);
  ring.free(places[0]);
  ring.free(places[2]);

  const RingScan scan = scan_ring(ring.memory());

  EXPECT_EQ(values(ring.memory(), scan), (std::vector<std::uint64_t>{1, 3, 4}));
  EXPECT_EQ(scan.records.back().seq, 9u);
  EXPECT_EQ(scan.records.front().seq, 0u);
  EXPECT_EQ(scan.end, places[4] + RecordBytes);
  EXPECT_FALSE(scan.is_damaged);
}

TEST(RingScan, FindsNothingOfEarlierLaps) {
  EventRing ring(small());
  EventRing::Record each;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    record(ring, i);
    ring.next(each);
    if (i < 9'997) ring.free(each.place);
  }

  const RingScan scan = scan_ring(ring.memory());

  EXPECT_EQ(values(ring.memory(), scan), (std::vector<std::uint64_t>{9'997, 9'998, 9'999}));
  EXPECT_FALSE(scan.is_damaged);
}

TEST(RingScan, PassesOverARecordThatWasTornAndFindsWhatIsBehind) {
  EventRing ring(small());
  record(ring, 1);
  ring.reserve(GapPayloadBytes);  // its thread was killed here
  record(ring, 3);

  const RingScan scan = scan_ring(ring.memory());

  EXPECT_EQ(values(ring.memory(), scan), (std::vector<std::uint64_t>{1, 3}));
  EXPECT_FALSE(scan.is_damaged);
}

TEST(RingScan, FindsTheOthersWhateverByteIsDamaged) {
  EventRing ring(small());
  for (std::uint64_t i = 0; i < 4; ++i) record(ring, i);
  const RingPlace second = scan_ring(ring.memory()).records[1].place;

  for (std::size_t byte = 0; byte < RecordBytes; ++byte) {
    RingMemory memory = copy_of(ring.memory());
    char& damaged = *memory.at(second + byte);
    damaged = static_cast<char>(damaged ^ 0x55);

    const RingScan scan = scan_ring(memory);

    // Its number has a check of its own: without it the record is whole.
    const bool in_number = byte >= offsetof(RecordHead, seq) && byte < offsetof(RecordHead, place);
    const auto expected =
        in_number ? std::vector<std::uint64_t>{0, 1, 2, 3} : std::vector<std::uint64_t>{0, 2, 3};
    EXPECT_EQ(values(memory, scan), expected) << byte;
    EXPECT_EQ(scan.is_damaged, !in_number) << byte;
  }
}

TEST(RingScan, FindsAllInFrontOfACutWhereverThatIs) {
  EventRing ring(small());
  for (std::uint64_t i = 1; i <= 4; ++i) record(ring, i);
  const RingPlace begin = scan_ring(ring.memory()).records[0].place;

  for (std::size_t kept = 0; kept <= 4 * RecordBytes; ++kept) {
    RingMemory memory = copy_of(ring.memory());
    std::memset(memory.at(begin + kept), 0, 4 * RecordBytes - kept);

    const RingScan scan = scan_ring(memory);

    // A record whose last bytes were zero anyway is whole without them.
    EXPECT_GE(scan.records.size(), kept / RecordBytes) << kept;
    EXPECT_LE(scan.records.size(), (kept + 7) / RecordBytes) << kept;
  }
}

TEST(RingScan, FindsEverythingWithoutKnowingWhereTheOldestIs) {
  EventRing ring(small());
  EventRing::Record each;
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    record(ring, i);
    ring.next(each);
    if (i < 1'000) ring.free(each.place);
  }
  for (const std::uint64_t head : {std::uint64_t{0}, std::uint64_t{7}, ~std::uint64_t{0}}) {
    RingMemory memory = copy_of(ring.memory());
    std::memcpy(memory.head() + RingNumbersAt, &head, sizeof head);

    const RingScan scan = scan_ring(memory);

    EXPECT_EQ(scan.records.size(), 1'000u) << head;
    EXPECT_TRUE(scan.is_damaged);
    EXPECT_EQ(value_at(memory, scan.records.back().place), 1'999u);
  }
}

TEST(RingScan, ReadsNothingOutsideTheRing) {
  EventRing ring(small());
  record(ring, 1);
  const RingPlace place = scan_ring(ring.memory()).records[0].place;
  for (const std::uint32_t bytes : {0u, 8u, 31u, 65'536u, 65'544u, 0x7ffffff8u, 0xffffffffu}) {
    RingMemory memory = copy_of(ring.memory());
    std::memcpy(memory.at(place) + offsetof(RecordHead, bytes), &bytes, sizeof bytes);

    EXPECT_TRUE(scan_ring(memory).records.empty()) << bytes;
  }
}

}  // namespace
}  // namespace vdm::proxy::ring_scan_test
