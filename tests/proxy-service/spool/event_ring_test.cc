#include "proxy-service/spool/event_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace vdm::proxy::event_ring_test {
namespace {

EventRing small_ring() { return EventRing(std::move(RingMemory::anonymous(1).value())); }

RingPlace put(EventRing& ring, const std::string& id) {
  RequestFacts facts;
  facts.request_id = id;
  alignas(8) std::array<char, PayloadBytesMax> payload;
  const std::size_t bytes = write_record(facts, payload.data());
  return ring.append(RecordKind::Started, {payload.data(), bytes});
}

std::string id_of(const EventRing::Record& record) {
  RequestFacts facts;
  return read_started(record.payload, facts) ? facts.request_id : "unreadable";
}

TEST(EventRing, ReadsRecordsInOrderAndWholeAcrossItsEnd) {
  EventRing ring = small_ring();
  std::size_t read = 0;

  for (std::size_t i = 0; i < 20'000; ++i) {
    ASSERT_NE(put(ring, "request " + std::string(i % 90, 'x') + std::to_string(i)), 0u);
    EventRing::Record record;
    ASSERT_TRUE(ring.next(record));
    EXPECT_TRUE(id_of(record).ends_with(std::to_string(i)));
    ring.free(record.place);
    read += record.bytes;
  }

  EXPECT_GT(read, 20 * ring.bytes());
  EXPECT_EQ(ring.used(), 0u);
}

TEST(EventRing, ReadsNothingBehindARecordThatIsStillWritten) {
  EventRing ring = small_ring();
  const RingPlace slow = ring.reserve(GapPayloadBytes);
  put(ring, "behind");
  EventRing::Record record;
  EXPECT_FALSE(ring.next(record));

  write_record(Gap{}, ring.payload(slow));
  ring.commit(slow, RecordKind::Gap);

  EXPECT_TRUE(ring.next(record));
  EXPECT_EQ(record.place, slow);
  EXPECT_TRUE(ring.next(record));
  EXPECT_EQ(id_of(record), "behind");
}

TEST(EventRing, HasRoomForTheReporterWhenRecordersHaveNone) {
  EventRing ring = small_ring();
  while (put(ring, "a") != 0) {
  }

  EXPECT_LE(ring.used(), ring.bytes() - ring.bytes() / 16);
  EXPECT_NE(ring.append_gap({.from_seq = 1, .to_seq = 2, .ended_count = 3}, 1), 0u);
}

TEST(EventRing, HasRoomAgainOnlyWhenTheOldestIsFree) {
  EventRing ring = small_ring();
  std::vector<RingPlace> places;
  for (RingPlace place = put(ring, "a"); place != 0; place = put(ring, "a")) {
    places.push_back(place);
  }
  EventRing::Record record;
  while (ring.next(record)) {
  }
  ring.free(places[1]);
  EXPECT_EQ(put(ring, "b"), 0u);

  ring.free(places[0]);

  EXPECT_NE(put(ring, "b"), 0u);
}

TEST(EventRing, MovesWhatIsKeptWithItsNumber) {
  EventRing ring = small_ring();
  put(ring, "kept");
  EventRing::Record kept;
  ring.next(kept);
  ring.set_seq(kept.place, 17);

  const RingPlace to = ring.move(kept);

  EventRing::Record oldest;
  EXPECT_FALSE(ring.next(oldest)) << "a copy is not read as something new";
  ASSERT_TRUE(ring.oldest(oldest));
  EXPECT_EQ(oldest.place, to);
  EXPECT_EQ(id_of(oldest), "kept");
  EXPECT_EQ(ring.used(), oldest.bytes);
}

TEST(EventRing, KeepsWhatIsWrittenWhileItGivesMemoryBack) {
  EventRing ring(std::move(RingMemory::anonymous(4 * 1024 * 1024).value()));
  const std::string text(120, 'x');
  std::vector<RingPlace> places;
  std::size_t next_free = 0;
  for (std::size_t lap = 0; lap < 40; ++lap) {
    for (RingPlace place = put(ring, text); place != 0; place = put(ring, text)) {
      places.push_back(place);
    }
    EventRing::Record record;
    while (ring.next(record)) ASSERT_EQ(id_of(record), text);
    for (const std::size_t end = places.size() - lap * 100; next_free < end; ++next_free) {
      ASSERT_EQ(id_of(ring.record(places[next_free])), text);
      ring.free(places[next_free]);
    }
  }

  for (; next_free < places.size(); ++next_free) {
    EXPECT_EQ(id_of(ring.record(places[next_free])), text);
  }
}

TEST(EventRing, KeepsApartWhatManyThreadsRecord) {
  EventRing ring(std::move(RingMemory::anonymous(4 * 1024 * 1024).value()));
  {
    std::vector<std::jthread> recorders;
    for (char thread = 'a'; thread < 'e'; ++thread) {
      recorders.emplace_back([&ring, thread] {
        for (int i = 0; i < 2'000; ++i) put(ring, std::string(40, thread));
      });
    }
  }

  std::size_t found = 0;
  EventRing::Record record;
  while (ring.next(record)) {
    const std::string id = id_of(record);
    EXPECT_EQ(id, std::string(40, id[0]));
    ++found;
  }
  EXPECT_EQ(found, 8'000u);
}

}  // namespace
}  // namespace vdm::proxy::event_ring_test
