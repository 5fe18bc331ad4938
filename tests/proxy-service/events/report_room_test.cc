#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

#include "tests/proxy-service/events/log_rig.h"
#include "tests/proxy-service/events/small_service.h"

namespace vdm::proxy::report_room_test {
namespace {

using namespace log_rig;

/// Room for about `events` starts.
ReportLog::Limits room_for(std::size_t events) { return {.bytes_max = events * StartBytes}; }

TEST(ReportLog, DropsProgressBeforeAnythingElse) {
  const std::size_t step = retained_bytes(std::get<Progressed>(progressed("aa")));
  Log log({.bytes_max = 2 * StartBytes + EndOfStartBytes + 2 * step - 1});
  for (const char* id : {"aa", "bb"}) log.add(started(id));
  for (const char* id : {"aa", "bb"}) log.add(progressed(id, 9));
  log.add(ended("aa"));
  log.open(0, Plenty);

  EXPECT_EQ(next(log), "1: +aa +bb -aa");
  EXPECT_EQ(log.dropped(), (DroppedCounts{.progressed = 2}));
  EXPECT_EQ(log.active_now().items.at(0).progress->response_bytes, 9u);
}

TEST(ReportLog, SendsNoStartWhoseEndIsQueuedOnceItHadToMakeRoom) {
  Log log(room_for(5));
  for (const char* id : {"aa", "bb", "cc"}) {
    log.add(started(id));
    if (std::string(id) != "bb") log.add(ended(id));
  }
  log.add(started("dd"));
  log.open(0, Plenty);

  EXPECT_EQ(next(log), "1: gap(1..1, 1) +bb -cc +dd");
  EXPECT_EQ(log.dropped(), (DroppedCounts{.started = 2, .ended = 1}));
}

TEST(ReportLog, MakesRoomAmongRunningRequestsBeforeItHasSentAnything) {
  Log log(room_for(3));
  for (const char* id : {"aa", "bb", "cc", "dd"}) log.add(started(id));

  EXPECT_GT(log.dropped().started, 0u);
  EXPECT_EQ(ids(log.active_now()).count("aa"), 1u);
}

TEST(ReportLog, DeclaresTheOldestEndsAsAGapWhenNothingElseCanGo) {
  Log log(room_for(4));
  for (int i = 0; i < 40; ++i) log.add(ended("r" + std::to_string(i)));
  log.open(0, Plenty);

  ReportLog::Batch batch;
  log.next_batch(batch);

  const Gap gap = std::get<Gap>(*batch.events.at(0));
  EXPECT_EQ(gap.from_seq, 1u);
  EXPECT_EQ(gap.to_seq, gap.ended_count);
  EXPECT_EQ(gap.ended_count + batch.events.size() - 1, 40u);
  EXPECT_EQ(std::get<Ended>(*batch.events.back()).facts->request_id, "r39");
  EXPECT_EQ(log.dropped().ended, gap.ended_count);
  EXPECT_LE(log.bytes(), room_for(4).bytes_max);
}

TEST(ReportLog, DropsWhatWasSentButNotAcknowledgedWithItsNumbers) {
  Log log(room_for(6));
  log.open(0, Plenty);
  for (const char* id : {"aa", "bb", "cc"}) log.add(ended(id));
  next(log);
  log.close();
  for (int i = 0; i < 5; ++i) log.add(ended("r" + std::to_string(i)));

  log.open(0, Plenty);
  const std::string batch = next(log);

  EXPECT_TRUE(batch.starts_with("1: gap(1..")) << batch;
  EXPECT_TRUE(batch.ends_with("-r4")) << batch;
}

TEST(ReportLog, CutsAGapThatIsPartlyCommitted) {
  Log log(room_for(4));
  for (int i = 0; i < 40; ++i) log.add(ended("r" + std::to_string(i)));
  log.open(0, Plenty);
  next(log);
  log.close();

  log.open(5, Plenty);

  EXPECT_TRUE(next(log).starts_with("6: gap(6..")) << "a gap must stand where its numbers are";
}

/// Records starts, and takes none, until the ring has no room.
void fill(Log& log) {
  while (log.queue.record(started("f")).place != 0) {
  }
}

std::string last_batch(Log& log) {
  std::string last;
  for (std::string text = next(log); text != "nothing"; text = next(log)) last = text;
  return last;
}

TEST(ReportLog, DeclaresWhatTheQueueHadToDrop) {
  Log log({}, 1);
  log.open(0, Plenty);
  fill(log);
  for (const char* id : {"a", "b", "c"}) log.queue.record(ended(id));
  log.take();

  EXPECT_TRUE(last_batch(log).ends_with(", 3)"));
  EXPECT_EQ(log.dropped(), (DroppedCounts{.started = 1, .ended = 3}));
}

TEST(ReportLog, KeepsNobodyActiveWhoseEndTheQueueDropped) {
  Log log({}, 1);
  log.open(0, Plenty);
  log.add(started("a"));
  next(log);
  fill(log);

  log.add(ended("a"));
  last_batch(log);

  EXPECT_FALSE(ids(log.active_now()).contains("a"));
  EXPECT_FALSE(ids(log.active_on_open()).contains("a"));
  EXPECT_EQ(log.vitals().active_count, log.active_now().items.size());
}

TEST(ReportLog, FreesTheRingOfWhatIsAcknowledgedAroundWhatRuns) {
  Log log({.batch_events_max = 4}, 1);
  log.open(0, Plenty);
  log.add(started("runs"));
  ReportLog::Batch batch;
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    const std::string id = std::to_string(i);
    log.add(started(id));
    log.add(ended(id));
    while (log.next_batch(batch)) log.acknowledge(log.vitals().as_of_seq, Plenty);
  }

  EXPECT_EQ(ids(log.active_now()), std::set<std::string>{"runs"});
  EXPECT_EQ(log.dropped(), DroppedCounts{});
  EXPECT_TRUE(log.empty());
}

TEST(ReportLog, GivesUpWhatTheServiceRefusesAndGoesOnWithTheRest) {
  Log log({.batch_events_max = 2});
  log.open(0, Plenty);
  for (const char* id : {"a", "b", "c"}) log.add(ended(id));
  next(log);

  log.give_up_sent();
  log.close();
  log.open(0, Plenty);

  EXPECT_EQ(next(log), "1: gap(1..2, 2) -c");
}

TEST(ReportLog, AccountsForEveryEndThroughAnyCrashesAcknowledgementsAndOverflows) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    Log log({.bytes_max = 40'000, .batch_events_max = 7}, 1);
    Service service;
    Recorded recorded;
    ReportLog::Batch batch;
    log.open(0, 20'000);
    for (int step = 0; step < 200; ++step) {
      record_some(log, recorded, random);
      switch (random() % 6) {
        case 0:
          log.close();
          if (random() % 2 == 0) service.crash();
          break;
        case 1:
          log.open(service.committed, 20'000);
          if (service.applied < service.committed) service.applied = service.committed;
          break;
        case 2:
          service.commit_some(random);
          log.acknowledge(service.committed, 20'000);
          break;
        default:
          if (log.next_batch(batch)) service.receive(batch);
      }
      ASSERT_LE(log.bytes(), 40'000u);
    }
    log.open(service.committed, Plenty);
    while (log.next_batch(batch)) service.receive(batch);

    const std::uint64_t accounted = service.accounted();
    // A Gap may replace what had been received before but not committed, and then counts it again.
    ASSERT_GE(accounted, recorded.ended) << "seed " << seed;
    ASSERT_LE(accounted, recorded.ended + log.dropped().ended) << "seed " << seed;
    ASSERT_EQ(ids(log.active_now()), recorded.running) << "seed " << seed;
    ASSERT_EQ(log.vitals().active_count, recorded.running.size());
  }
}

}  // namespace
}  // namespace vdm::proxy::report_room_test
