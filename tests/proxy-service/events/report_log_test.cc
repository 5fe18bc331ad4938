#include "proxy-service/events/report_log.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/digest.h"

namespace vdm::proxy::report_log_test {
namespace {

constexpr std::uint64_t Plenty = 1ull << 40;

FactsPtr facts(std::string id) {
  RequestFacts made;
  made.request_id = std::move(id);
  return std::make_shared<const RequestFacts>(std::move(made));
}
Event started(std::string id) { return Started{facts(std::move(id))}; }
Event ended(std::string id) { return Ended{.facts = facts(std::move(id)), .outcome = Outcome::Ok}; }
Event progressed(std::string id, std::uint64_t bytes = 0) {
  return Progressed{.request_id = std::move(id), .response_bytes = bytes};
}

/// What a batch holds, as text: "1: +a ~a -a gap(4..6, 2)".
std::string text_of(const ReportLog::Batch& batch) {
  std::string text = std::to_string(batch.first_seq) + ":";
  for (const Event* event : batch.events) {
    if (const auto* start = std::get_if<Started>(event)) text += " +" + start->facts->request_id;
    if (const auto* step = std::get_if<Progressed>(event)) text += " ~" + step->request_id;
    if (const auto* end = std::get_if<Ended>(event)) text += " -" + end->facts->request_id;
    if (const auto* gap = std::get_if<Gap>(event)) {
      text += " gap(" + std::to_string(gap->from_seq) + ".." + std::to_string(gap->to_seq) + ", " +
              std::to_string(gap->ended_count) + ")";
    }
  }
  return text;
}

std::string next(ReportLog& log) {
  ReportLog::Batch batch;
  return log.next_batch(batch) ? text_of(batch) : "nothing";
}

std::set<std::string> ids(const ReportLog::ActiveList& list) {
  std::set<std::string> found;
  for (const auto& item : list.items) found.insert(item.facts->request_id);
  return found;
}

TEST(ReportLog, SendsNothingBeforeTheStreamIsOpen) {
  ReportLog log({});
  log.add(started("a"));

  EXPECT_EQ(next(log), "nothing");
}

TEST(ReportLog, NumbersEventsFromOneInOrder) {
  ReportLog log({});
  log.open(0, Plenty);
  log.add(started("a"));
  log.add(ended("a"));

  EXPECT_EQ(next(log), "1: +a -a");
  EXPECT_EQ(next(log), "nothing");
}

TEST(ReportLog, CutsBatchesByEventsAndByBytes) {
  ReportLog by_events({.batch_events_max = 2});
  ReportLog by_bytes({.batch_bytes_max = 2 * retained_bytes(started("a"))});
  for (ReportLog* log : {&by_events, &by_bytes}) {
    log->open(0, Plenty);
    for (const char* id : {"a", "b", "c"}) log->add(started(id));

    EXPECT_EQ(next(*log), "1: +a +b");
    EXPECT_EQ(next(*log), "3: +c");
  }
}

TEST(ReportLog, SendsAgainWhatWasNotCommittedAfterAReconnect) {
  ReportLog log({});
  log.open(0, Plenty);
  for (const char* id : {"a", "b", "c"}) log.add(started(id));
  next(log);
  log.close();

  log.open(2, Plenty);

  EXPECT_EQ(next(log), "3: +c");
}

TEST(ReportLog, KeepsEventsUntilTheyAreAcknowledged) {
  ReportLog log({});
  log.open(0, Plenty);
  log.add(started("a"));
  log.add(ended("a"));
  next(log);

  log.acknowledge(1, Plenty);
  EXPECT_FALSE(log.empty());
  EXPECT_EQ(log.oldest_unacknowledged(), 2u);

  log.acknowledge(2, Plenty);
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(log.bytes(), 0u);
  EXPECT_EQ(log.oldest_unacknowledged(), 3u);
}

TEST(ReportLog, StopsAtTheCreditAndGoesOnAfterAnAcknowledgement) {
  const std::uint64_t one = retained_bytes(started("a"));
  ReportLog log({});
  log.open(0, one);
  log.add(started("a"));
  log.add(started("b"));
  EXPECT_EQ(next(log), "1: +a");
  EXPECT_EQ(next(log), "nothing");

  log.acknowledge(1, one);

  EXPECT_EQ(next(log), "2: +b");
}

TEST(ReportLog, SendsAnEventThatIsLargerThanTheCredit) {
  ReportLog log({});
  log.open(0, 1);
  log.add(started("a"));

  EXPECT_EQ(next(log), "1: +a");
}

TEST(ReportLog, SendsNothingOnACreditOfZero) {
  ReportLog log({});
  log.open(0, 0);
  log.add(started("a"));

  EXPECT_EQ(next(log), "nothing");
}

TEST(ReportLog, IgnoresAcknowledgementsOfWhatWasNeverSent) {
  ReportLog log({});
  log.open(0, Plenty);
  log.add(started("a"));

  log.acknowledge(1000, Plenty);

  EXPECT_EQ(next(log), "1: +a");
}

TEST(ReportLog, GoesOnWithItsOwnNumbersWhenTheServiceHasForgottenEverything) {
  ReportLog log({});
  log.open(0, Plenty);
  log.add(started("a"));
  log.add(ended("a"));
  next(log);
  log.acknowledge(2, Plenty);
  log.add(started("b"));

  log.open(0, Plenty);

  EXPECT_EQ(log.oldest_unacknowledged(), 3u);
  EXPECT_EQ(next(log), "3: +b");
}

TEST(ReportLog, MergesProgressThatWaits) {
  ReportLog log({});
  log.add(started("a"));
  log.add(progressed("a", 1));
  log.add(progressed("a", 2));
  log.open(0, Plenty);

  ReportLog::Batch batch;
  log.next_batch(batch);

  EXPECT_EQ(text_of(batch), "1: +a ~a");
  EXPECT_EQ(std::get<Progressed>(*batch.events[1]).response_bytes, 2u);
}

TEST(ReportLog, DropsProgressOfARequestThatIsOver) {
  ReportLog log({});
  log.add(started("a"));
  log.add(ended("a"));
  log.add(progressed("a"));
  log.open(0, Plenty);

  EXPECT_EQ(next(log), "1: +a -a");
  EXPECT_EQ(log.dropped().progressed, 1u);
}

TEST(ReportLog, SaysWhoIsActiveAsOfTheLastNumberGiven) {
  ReportLog log({.batch_events_max = 2});
  log.open(0, Plenty);
  for (const char* id : {"a", "b", "c"}) log.add(started(id));
  log.add(ended("a"));
  next(log);

  EXPECT_EQ(log.vitals().as_of_seq, 2u);
  EXPECT_EQ(log.vitals().active_count, 2u);
  EXPECT_EQ(log.vitals().active_hash, fnv1a_64("a") ^ fnv1a_64("b"));
  EXPECT_EQ(ids(log.active_now()), (std::set<std::string>{"a", "b"}));

  next(log);

  EXPECT_EQ(log.vitals().as_of_seq, 4u);
  EXPECT_EQ(log.vitals().active_hash, fnv1a_64("b") ^ fnv1a_64("c"));
  EXPECT_EQ(ids(log.active_now()), (std::set<std::string>{"b", "c"}));
}

TEST(ReportLog, ListsOnOpeningWhatRunsAndWhatTheServiceStillTakesForRunning) {
  ReportLog log({.batch_events_max = 3});
  log.open(0, Plenty);
  for (const char* id : {"a", "b", "c"}) log.add(started(id));
  log.add(ended("a"));
  log.add(ended("b"));
  log.add(progressed("c", 7));
  next(log);
  log.acknowledge(3, Plenty);
  next(log);
  log.add(started("d"));
  log.add(started("e"));
  log.add(ended("e"));
  log.close();

  log.open(3, Plenty);
  const auto list = log.active_on_open();

  EXPECT_EQ(list.as_of_seq, 3u);
  EXPECT_EQ(ids(list), (std::set<std::string>{"a", "b", "c", "d"}));
  for (const auto& item : list.items) {
    if (item.facts->request_id == "c") {
      EXPECT_EQ(item.progress->response_bytes, 7u);
    }
  }
}

TEST(ReportLog, CountsAndListsWhatItListedOnOpeningBeforeItsStartHasANumber) {
  ReportLog log({});
  for (const char* id : {"a", "b"}) log.add(started(id));
  log.open(0, Plenty);
  log.active_on_open();
  log.add(ended("a"));

  EXPECT_EQ(log.vitals().active_count, 2u);
  EXPECT_EQ(log.vitals().active_hash, fnv1a_64("a") ^ fnv1a_64("b"));
  EXPECT_EQ(ids(log.active_now()), (std::set<std::string>{"a", "b"}));

  EXPECT_EQ(next(log), "1: +a +b -a");
  EXPECT_EQ(log.vitals().active_count, 1u);
  EXPECT_EQ(log.vitals().active_hash, fnv1a_64("b"));
}

TEST(ReportLog, KnowsWhenAllThatHasANumberIsSent) {
  ReportLog log({});
  log.open(0, Plenty);
  log.add(started("a"));
  next(log);
  EXPECT_TRUE(log.all_sent());

  log.open(0, Plenty);
  EXPECT_FALSE(log.all_sent());
  next(log);
  EXPECT_TRUE(log.all_sent());
}

/// Room for about `events` starts.
ReportLog::Limits room_for(std::size_t events) {
  return {.bytes_max = events * retained_bytes(started("aa"))};
}

TEST(ReportLog, DropsProgressBeforeAnythingElse) {
  ReportLog log({.bytes_max = 2 * retained_bytes(started("aa")) + retained_bytes(ended("aa")) +
                              2 * retained_bytes(progressed("aa")) - 1});
  for (const char* id : {"aa", "bb"}) log.add(started(id));
  for (const char* id : {"aa", "bb"}) log.add(progressed(id, 9));
  log.add(ended("aa"));
  log.open(0, Plenty);

  EXPECT_EQ(next(log), "1: +aa +bb -aa");
  EXPECT_EQ(log.dropped(), (DroppedCounts{.progressed = 2}));
  EXPECT_EQ(log.active_now().items.at(0).progress->response_bytes, 9u);
}

TEST(ReportLog, DropsStartsWhoseEndIsQueuedBeforeEnds) {
  ReportLog log(room_for(5));
  for (const char* id : {"aa", "bb", "cc"}) {
    log.add(started(id));
    if (std::string(id) != "bb") log.add(ended(id));
  }
  log.add(started("dd"));
  log.open(0, Plenty);

  EXPECT_EQ(next(log), "1: -aa +bb -cc +dd");
  EXPECT_EQ(log.dropped(), (DroppedCounts{.started = 2}));
}

TEST(ReportLog, DeclaresTheOldestEndsAsAGapWhenNothingElseCanGo) {
  ReportLog log(room_for(4));
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
  ReportLog log(room_for(6));
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
  ReportLog log(room_for(4));
  for (int i = 0; i < 40; ++i) log.add(ended("r" + std::to_string(i)));
  log.open(0, Plenty);
  next(log);
  log.close();

  log.open(5, Plenty);

  EXPECT_TRUE(next(log).starts_with("6: gap(6..")) << "a gap must stand where its numbers are";
}

TEST(ReportLog, DeclaresWhatTheQueueHadToDrop) {
  ReportLog log({});
  log.open(0, Plenty);
  log.add(started("a"));
  log.add({.chunks = {}, .dropped = {.started = 1, .progressed = 2, .ended = 3}, .ended = {}});

  EXPECT_EQ(next(log), "1: +a gap(2..2, 3)");
  EXPECT_EQ(log.dropped(), (DroppedCounts{.started = 1, .progressed = 2, .ended = 3}));
}

TEST(ReportLog, KeepsNobodyActiveWhoseEndTheQueueDropped) {
  ReportLog log({});
  log.open(0, Plenty);
  log.add(started("a"));
  next(log);

  log.add({.chunks = {}, .dropped = {.ended = 1}, .ended = {facts("a")}});
  next(log);

  EXPECT_EQ(log.vitals().active_count, 0u);
  EXPECT_EQ(log.vitals().active_hash, 0u);
  EXPECT_TRUE(log.active_on_open().items.empty());
}

TEST(ReportLog, GivesUpWhatTheServiceRefusesAndGoesOnWithTheRest) {
  ReportLog log({.batch_events_max = 2});
  log.open(0, Plenty);
  for (const char* id : {"a", "b", "c"}) log.add(ended(id));
  next(log);

  log.give_up_sent();
  log.close();
  log.open(0, Plenty);

  EXPECT_EQ(next(log), "1: gap(1..2, 2) -c");
}

/// A service in miniature: applies in order, commits later, forgets what is not
/// committed when its stream breaks.
struct Service {
  std::uint64_t applied = 0;
  std::uint64_t committed = 0;
  std::map<std::uint64_t, Event> events;

  void receive(const ReportLog::Batch& batch) {
    ASSERT_LE(batch.first_seq, applied + 1) << "a hole that no Gap declares";
    std::uint64_t seq = batch.first_seq;
    for (const Event* event : batch.events) {
      const auto* gap = std::get_if<Gap>(event);
      ASSERT_TRUE(gap == nullptr || gap->from_seq == seq);
      const std::uint64_t last = gap ? gap->to_seq : seq;
      if (last > applied) {
        events.insert_or_assign(seq, *event);
        applied = last;
      }
      seq = last + 1;
    }
  }
  /// Commits everything applied, or up to some event of it.
  void commit_some(std::mt19937& random) {
    for (auto at = events.upper_bound(committed); at != events.end(); ++at) {
      if (random() % 20 == 0) return;
      const auto* gap = std::get_if<Gap>(&at->second);
      committed = gap ? gap->to_seq : at->first;
    }
  }
  void crash() {
    applied = committed;
    events.erase(events.upper_bound(committed), events.end());
  }
};

struct Recorded {
  std::set<std::string> running;
  std::uint64_t ended = 0;
  int next_id = 0;
};

void record_some(ReportLog& log, Recorded& recorded, std::mt19937& random) {
  for (auto n = random() % 30; n > 0; --n) {
    const auto what = random() % 4;
    if (what == 0 || recorded.running.empty()) {
      const std::string id = "r" + std::to_string(recorded.next_id++);
      recorded.running.insert(id);
      log.add(started(id));
      continue;
    }
    const auto at = static_cast<std::ptrdiff_t>(random() % recorded.running.size());
    const std::string id = *std::next(recorded.running.begin(), at);
    if (what == 1) {
      recorded.running.erase(id);
      ++recorded.ended;
      log.add(ended(id));
    } else {
      log.add(progressed(id));
    }
  }
}

TEST(ReportLog, AccountsForEveryEndThroughAnyCrashesAcknowledgementsAndOverflows) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    ReportLog log({.bytes_max = 40'000, .batch_events_max = 7});
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

    std::uint64_t accounted = 0;
    for (const auto& [seq, event] : service.events) {
      if (std::holds_alternative<Ended>(event)) ++accounted;
      if (const auto* gap = std::get_if<Gap>(&event)) accounted += gap->ended_count;
    }
    // A Gap may replace what had been received before but not committed, and then counts it again.
    ASSERT_GE(accounted, recorded.ended) << "seed " << seed;
    ASSERT_LE(accounted, recorded.ended + log.dropped().ended) << "seed " << seed;
    ASSERT_EQ(ids(log.active_now()), recorded.running) << "seed " << seed;
    ASSERT_EQ(log.vitals().active_count, recorded.running.size());
  }
}

}  // namespace
}  // namespace vdm::proxy::report_log_test
