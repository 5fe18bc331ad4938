#include "proxy-service/events/report_log.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/base/digest.h"
#include "tests/proxy-service/events/log_rig.h"

namespace vdm::proxy::report_log_test {
namespace {

using namespace log_rig;

TEST(ReportLog, SendsNothingBeforeTheStreamIsOpen) {
  Log log;
  log.add(started("a"));

  EXPECT_EQ(next(log), "nothing");
}

TEST(ReportLog, NumbersEventsFromOneInOrder) {
  Log log;
  log.open(0, Plenty);
  log.add(started("a"));
  log.add(ended("a"));

  EXPECT_EQ(next(log), "1: +a -a");
  EXPECT_EQ(next(log), "nothing");
}

TEST(ReportLog, CutsBatchesByEventsAndByBytes) {
  Log by_events({.batch_events_max = 2});
  Log by_bytes({.batch_bytes_max = 4 * StartBytes});
  for (Log* log : {&by_events, &by_bytes}) {
    log->open(0, Plenty);
    for (const char* id : {"a", "b", "c"}) log->add(started(id));

    EXPECT_EQ(next(*log), "1: +a +b");
    EXPECT_EQ(next(*log), "3: +c");
  }
}

TEST(ReportLog, SendsAgainWhatWasNotCommittedAfterAReconnect) {
  Log log;
  log.open(0, Plenty);
  for (const char* id : {"a", "b", "c"}) log.add(started(id));
  next(log);
  log.close();

  log.open(2, Plenty);

  EXPECT_EQ(next(log), "3: +c");
}

TEST(ReportLog, KeepsEventsUntilTheyAreAcknowledged) {
  Log log;
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
  const std::uint64_t one = 2 * StartBytes;
  Log log;
  log.open(0, one);
  log.add(started("a"));
  log.add(started("b"));
  EXPECT_EQ(next(log), "1: +a");
  EXPECT_EQ(next(log), "nothing");

  log.acknowledge(1, one);

  EXPECT_EQ(next(log), "2: +b");
}

TEST(ReportLog, SendsAnEventThatIsLargerThanTheCredit) {
  Log log;
  log.open(0, 1);
  log.add(started("a"));

  EXPECT_EQ(next(log), "1: +a");
}

TEST(ReportLog, SendsNothingOnACreditOfZero) {
  Log log;
  log.open(0, 0);
  log.add(started("a"));

  EXPECT_EQ(next(log), "nothing");
}

TEST(ReportLog, IgnoresAcknowledgementsOfWhatWasNeverSent) {
  Log log;
  log.open(0, Plenty);
  log.add(started("a"));

  log.acknowledge(1000, Plenty);

  EXPECT_EQ(next(log), "1: +a");
}

TEST(ReportLog, GoesOnWithItsOwnNumbersWhenTheServiceHasForgottenEverything) {
  Log log;
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
  Log log;
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
  Log log;
  log.add(started("a"));
  log.add(ended("a"));
  log.add(progressed("a"));
  log.open(0, Plenty);

  EXPECT_EQ(next(log), "1: +a -a");
  EXPECT_EQ(log.dropped().progressed, 1u);
}

TEST(ReportLog, SaysWhoIsActiveAsOfTheLastNumberGiven) {
  Log log({.batch_events_max = 2});
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
  Log log({.batch_events_max = 3});
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
  Log log;
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
  Log log;
  log.open(0, Plenty);
  log.add(started("a"));
  next(log);
  EXPECT_TRUE(log.all_sent());

  log.open(0, Plenty);
  EXPECT_FALSE(log.all_sent());
  next(log);
  EXPECT_TRUE(log.all_sent());
}

}  // namespace
}  // namespace vdm::proxy::report_log_test
