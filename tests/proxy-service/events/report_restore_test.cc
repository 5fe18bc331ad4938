#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "tests/proxy-service/events/log_rig.h"
#include "tests/proxy-service/events/small_service.h"

// What a process leaves in its ring is told by the next one: all of it, once, with the numbers that
// it had.

namespace vdm::proxy::report_restore_test {
namespace {

using namespace log_rig;

/// The ring as it is at this moment, when its process is killed.
RingMemory left_by(EventRing& ring) {
  const RingMemory& from = ring.memory();
  RingMemory copy = std::move(RingMemory::anonymous(from.bytes()).value());
  std::memcpy(copy.head(), from.head(), RingMemory::HeadBytes);
  std::memcpy(copy.at(0), from.at(0), from.bytes());
  return copy;
}

/// What the next process makes of it.
struct Next {
  explicit Next(RingMemory memory, ReportLog::Limits limits = {})
      : scan(scan_ring(memory)), queue(std::move(memory), scan.end), log(queue, limits) {
    log.restore(scan);
  }
  RingScan scan;
  EventQueue queue;
  ReportLog log;
};

std::string next(ReportLog& log) {
  ReportLog::Batch batch;
  return log.next_batch(batch) ? text_of(batch) : "nothing";
}

TEST(ReportRestore, TellsWhatWasRecordedAndNotYetTaken) {
  Log log;
  const FactsPtr of_a = facts("a");
  log.queue.record(Ended{.facts = of_a}, log.queue.record(Started{of_a}));
  log.queue.record(started("b"));

  Next after(left_by(log.queue.ring()));
  after.log.open(0, Plenty);

  EXPECT_EQ(next(after.log), "1: -a +b") << "an end says what its start said";
  EXPECT_EQ(ids(after.log.active_now()), std::set<std::string>{"b"});
}

TEST(ReportRestore, KeepsTheNumbersUnderWhichEventsWereSent) {
  Log log;
  log.open(0, Plenty);
  for (const char* id : {"a", "b"}) log.add(started(id));
  log.add(ended("a"));
  log_rig::next(log);
  log.acknowledge(1, Plenty);
  log.add(ended("b"));

  Next after(left_by(log.queue.ring()));
  after.log.open(1, Plenty);

  EXPECT_EQ(after.log.oldest_unacknowledged(), 2u);
  EXPECT_EQ(next(after.log), "2: +b -a -b");
}

TEST(ReportRestore, DeclaresTheNumbersOfProgressThatOnlyTheProcessHad) {
  Log log;
  log.open(0, Plenty);
  log.add(started("a"));
  log.add(progressed("a"));
  log_rig::next(log);
  log.add(ended("a"));

  Next after(left_by(log.queue.ring()));
  after.log.open(0, Plenty);

  EXPECT_EQ(next(after.log), "1: +a gap(2..2, 0) -a");
}

TEST(ReportRestore, ListsWhatRanWhenEverythingIsTold) {
  Log log;
  log.open(0, Plenty);
  for (const char* id : {"a", "b", "c"}) log.add(started(id));
  log.add(ended("b"));
  log_rig::next(log);
  log.acknowledge(4, Plenty);

  Next after(left_by(log.queue.ring()));
  after.log.open(4, Plenty);

  EXPECT_TRUE(after.log.empty());
  EXPECT_EQ(ids(after.log.active_now()), (std::set<std::string>{"a", "c"}));
  EXPECT_EQ(after.log.vitals().active_count, 2u);
}

TEST(ReportRestore, GoesOnWhereANextProcessStopped) {
  Log log;
  for (const char* id : {"a", "b", "c"}) log.add(ended(id));
  Next first(left_by(log.queue.ring()), {.batch_events_max = 2});
  first.log.open(0, Plenty);
  EXPECT_EQ(next(first.log), "1: -a -b");
  first.log.acknowledge(1, Plenty);

  Next second(left_by(first.queue.ring()));
  second.log.open(2, Plenty);

  EXPECT_EQ(next(second.log), "3: -c");
}

TEST(ReportRestore, DeclaresOnceTheEndsThatAreNotThere) {
  Log log;
  for (const char* id : {"a", "b", "c"}) log.add(ended(id));
  RingMemory memory = left_by(log.queue.ring());
  char& inside = *memory.at(scan_ring(memory).records.at(1).place + 100);
  inside = static_cast<char>(inside ^ 1);
  Next first(std::move(memory));
  first.log.open(0, Plenty);
  EXPECT_EQ(next(first.log), "1: -a -c gap(3..3, 1)");

  Next second(left_by(first.queue.ring()));
  second.log.open(0, Plenty);

  EXPECT_EQ(next(second.log), "1: -a -c gap(3..3, 1)");
}

TEST(ReportRestore, KeepsAGapThatItsProcessHadDeclared) {
  Log log({.bytes_max = 4 * StartBytes});
  for (int i = 0; i < 10; ++i) log.add(ended("r" + std::to_string(i)));

  Next after(left_by(log.queue.ring()));
  after.log.open(0, Plenty);

  EXPECT_EQ(next(after.log), "1: gap(1..9, 9) -r9");
}

TEST(ReportRestore, TellsNothingTwiceWhatEverStepTheProcessWasKilledBefore) {
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    std::mt19937 random(seed);
    // A small ring, so that it is written round and round.
    auto log =
        std::make_unique<Log>(ReportLog::Limits{.bytes_max = 40'000, .batch_events_max = 7}, 1);
    Service service;
    Recorded recorded;
    ReportLog::Batch batch;
    log->open(0, 20'000);
    for (auto step = random() % 300; step > 0; --step) {
      record_some(*log, recorded, random);
      switch (random() % 6) {
        case 0:
          log->close();
          if (random() % 4 == 0) service.crash();
          log->open(service.committed, 20'000);
          break;
        case 1:
          service.commit_some(random);
          log->acknowledge(service.committed, 20'000);
          break;
        default:
          if (log->next_batch(batch)) service.receive(batch);
      }
    }
    if (random() % 2 == 0) service.crash();

    Next after(left_by(log->queue.ring()));
    after.log.open(service.committed, Plenty);
    while (after.log.next_batch(batch)) service.receive(batch);

    std::set<std::string> told;
    for (const auto& [seq, id] : service.ended) {
      ASSERT_TRUE(told.insert(id).second) << id << " is told twice, seed " << seed;
    }
    ASSERT_FALSE(after.scan.is_damaged) << "seed " << seed;
    ASSERT_GE(service.accounted(), recorded.ended) << "seed " << seed;
    ASSERT_LE(service.accounted(), recorded.ended + log->dropped().ended) << "seed " << seed;
    if (log->dropped().ended == 0) {
      ASSERT_EQ(told.size(), recorded.ended) << "seed " << seed;
    }
    ASSERT_EQ(ids(after.log.active_now()), recorded.running) << "seed " << seed;
  }
}

TEST(ReportRestore, TakesNoHarmFromAnyBytes) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    Log log({.batch_events_max = 7}, 1);
    Recorded recorded;
    ReportLog::Batch batch;
    log.open(0, Plenty);
    for (int step = 0; step < 10; ++step) {
      record_some(log, recorded, random);
      log.next_batch(batch);
    }
    RingMemory memory = left_by(log.queue.ring());
    for (auto n = random() % 20; n > 0; --n) {
      *memory.at(random() % 8'192) = static_cast<char>(random());
      if (random() % 2 == 0) memory.head()[RingNumbersAt + random() % 72] = char(random());
    }

    Next after(std::move(memory));
    after.log.open(0, Plenty);
    Service service;
    service.applied = after.log.oldest_unacknowledged() - 1;
    while (after.log.next_batch(batch)) service.receive(batch);
    after.log.acknowledge(after.log.vitals().as_of_seq, Plenty);

    EXPECT_TRUE(after.log.empty());
  }
}

}  // namespace
}  // namespace vdm::proxy::report_restore_test
