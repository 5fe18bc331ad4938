#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/fakes/released.h"
#include "tests/metrics-service/store/service_life.h"

// What a process of the service leaves to the next: positions, checkpoints, rows.

namespace vdm::metrics::kept_over_restart_test {
namespace {

namespace fs = std::filesystem;
using namespace scenario;
using namespace std::chrono_literals;

class KeptOverRestart : public ::testing::Test {
 protected:
  std::unique_ptr<ServiceLife> service() {
    clock_.advance(1s);
    return std::make_unique<ServiceLife>(folder_.path(), clock_);
  }
  std::vector<fs::path> checkpoints() const {
    std::vector<fs::path> found;
    for (const std::string& name : folder_.names()) {
      if (name.starts_with("checkpoint-")) found.push_back(folder_.path() / name);
    }
    return found;
  }

  TemporaryFolder folder_;
  ManualClock clock_;
};

TEST_F(KeptOverRestart, CountsEachRequestOnceWithOrWithoutACheckpoint) {
  for (const bool crashes : {true, false, true, true, false}) {
    const auto running = service();
    running->restored();
    const auto before = running->tracker().counts().ended;
    running->begin_at(running->pipeline().hello(hello()).last_committed_seq + 1);
    running->report({ended("a" + std::to_string(before)), ended("b" + std::to_string(before))});
    EXPECT_EQ(running->tracker().counts().ended, before + 2);
    EXPECT_EQ(running->tracker().broken_invariant(), "");
    crashes ? running->crash() : running->stop();
  }

  const auto last = service();
  EXPECT_EQ(last->restored(), 0u) << "the checkpoint has all";
  EXPECT_EQ(last->tracker().counts().ended, 10u);
  EXPECT_EQ(last->tracker().totals().summary().counters.total.input_tokens, 100u);
}

TEST_F(KeptOverRestart, NeverGivesARevisionTwice) {
  std::uint64_t last = 0;
  std::string epoch;
  for (int i = 0; i < 3; ++i) {
    const auto running = service();
    running->restored();
    running->report({ended("r" + std::to_string(i))});
    EXPECT_GT(running->tracker().oldest_revision(), last);
    EXPECT_TRUE(epoch.empty() || epoch == running->tracker().epoch());
    epoch = running->tracker().epoch();
    last = running->tracker().revision();
    EXPECT_LT(last, std::uint64_t{1} << 53) << "JavaScript holds it";
    running->crash();
  }
}

TEST_F(KeptOverRestart, GivesTheRowsAfterACursorOfAnEarlierProcess) {
  std::vector<std::uint64_t> places;
  std::uint64_t seq = 1;
  for (int i = 0; i < 3; ++i) {
    const auto running = service();
    running->restored();
    running->begin_at(seq);
    for (int k = 0; k < 2; ++k) {
      clock_.advance(20ms);
      places.push_back(running->tracker().revision());
      running->report({started("s"), ended("e" + std::to_string(2 * i + k))});
    }
    seq = running->next_seq();
    i == 1 ? running->stop() : running->crash();
    clock_.advance(24h);  // each process writes a file of its own
  }

  const auto later = service();
  EXPECT_EQ(later->ended_after(places[0]),
            (std::vector<std::string>{"e0", "e1", "e2", "e3", "e4", "e5"}));
  EXPECT_EQ(later->ended_after(places[3]), (std::vector<std::string>{"e3", "e4", "e5"}));
  EXPECT_EQ(later->ended_after(later->tracker().oldest_revision()), std::vector<std::string>{});
}

TEST_F(KeptOverRestart, GoesOnCountingEventsWhereTheLastCommitWas) {
  std::uint64_t told = 0;
  {
    const auto running = service();
    running->restored();
    running->pipeline().hello(hello());
    running->report({started("a"), progress("a", 100, 1), ended("a")});
    told = running->tracker().told();
    running->crash();
  }

  const auto later = service();
  EXPECT_EQ(later->tracker().told(), told);
  EXPECT_EQ(later->tracker().missed(told - 2, later->tracker().oldest_revision()), 2u);
}

TEST_F(KeptOverRestart, KnowsWhatRanAndHowItEndedMeanwhile) {
  {
    const auto running = service();
    running->restored();
    running->pipeline().hello(hello());
    running->report({started("stays"), started("ends"), started("ended before")});
    running->report({ended("ended before")});
    running->pipeline().keep_checkpoint();
    running->report({ended("ends")});
    running->crash();
  }

  const auto later = service();
  EXPECT_EQ(later->restored(), 1u) << "the row behind the checkpoint";
  EXPECT_EQ(later->tracker().counts(), (Counts{.started = 3, .ended = 2, .lost = 0, .active = 1}));
  EXPECT_TRUE(later->tracker().is_active("stays"));
  EXPECT_TRUE(later->tracker().active(later->pipeline().now()).at(0).stale);
  const auto traces = later->tracker().traces(10);
  ASSERT_EQ(traces.size(), 2u);
  EXPECT_EQ(traces[0]->ended.facts->request_id, "ends");
  EXPECT_EQ(traces[0]->seq, 2u);
}

TEST_F(KeptOverRestart, LosesWhatRanWhenItsProxyDoesNotComeBack) {
  {
    const auto running = service();
    running->restored();
    running->pipeline().hello(hello());
    running->report({started("x")});
    running->stop();
  }

  const auto later = service();
  later->restored();
  later->pipeline().tick();
  EXPECT_EQ(later->tracker().counts().active, 1u) << "it has five seconds";
  for (int i = 0; i < 22; ++i) {
    clock_.advance(250ms);
    later->pipeline().tick();
  }

  EXPECT_EQ(later->tracker().counts(), (Counts{.started = 1, .ended = 0, .lost = 1, .active = 0}));
}

TEST_F(KeptOverRestart, TakesReportsWhileHistoryIsReadAndPutsTheirTracesBehindIt) {
  {
    const auto running = service();
    running->restored();
    running->report({ended("a", Outcome::Timeout), ended("b")});
    running->crash();
  }

  const auto later = service();
  EXPECT_TRUE(later->tracker().restoring());
  later->begin_at(later->pipeline().hello(hello()).last_committed_seq + 1);
  EXPECT_EQ(later->next_seq(), 3u);
  bool committed = false;
  later->pipeline().report(Proxy, 3, {ended("c", Outcome::Timeout)},
                           [&](std::uint64_t) { committed = true; });
  later->pipeline().tick();
  EXPECT_NE(later->tracker().degraded(), std::vector<std::string>{}) << "totals are said not whole";
  later->restored();

  EXPECT_FALSE(later->tracker().restoring());
  std::string ids;
  for (const TracePtr& trace : later->tracker().traces(10)) {
    ids += trace->ended.facts->request_id + std::to_string(trace->seq) + " ";
  }
  EXPECT_EQ(ids, "c3 b2 a1 ");
  EXPECT_EQ(later->tracker().errors(10).at(0)->error_seq, 2u);
  EXPECT_EQ(later->tracker().counts().ended, 3u);
  later->pipeline().tick();
  EXPECT_EQ(later->tracker().degraded(), std::vector<std::string>{});
}

TEST_F(KeptOverRestart, PassesOverACheckpointThatIsDamagedOrNewer) {
  std::uint64_t seq = 1;
  for (const char* id : {"a", "b", "c"}) {
    const auto running = service();
    running->restored();
    running->begin_at(seq);
    running->report({ended(id)});
    seq = running->next_seq();
    running->stop();
  }
  ASSERT_EQ(checkpoints().size(), 2u) << "the last two are kept";
  std::string bytes = bytes_of(checkpoints()[1]);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(checkpoints()[1], std::ios::binary) << bytes;
  {
    const auto later = service();
    EXPECT_EQ(later->restored(), 1u) << "by the older one";
    EXPECT_EQ(later->tracker().counts().ended, 3u);
  }

  std::ofstream(checkpoints()[0], std::ios::binary) << "vdm-checkpoint 99 x\n";
  const auto last = service();
  EXPECT_EQ(last->restored(), 3u) << "by rows alone";
  EXPECT_EQ(last->tracker().counts().ended, 3u);
}

TEST_F(KeptOverRestart, BeginsAnotherLogWhenItsPositionsAreNotKnown) {
  std::string epoch;
  std::uint64_t revision = 0;
  {
    const auto running = service();
    running->restored();
    running->report({ended("a")});
    epoch = running->tracker().epoch();
    revision = running->tracker().revision();
    running->crash();
  }
  std::ofstream(folder_.path() / "log-position") << "torn";

  const auto later = service();
  later->restored();
  EXPECT_NE(later->tracker().epoch(), epoch);
  EXPECT_GT(later->tracker().oldest_revision(), revision) << "rows still rise";
}

TEST_F(KeptOverRestart, CountsWhatAnEarlierReleaseWroteInBetween) {
  {
    const auto running = service();
    running->restored();
    running->report({ended("a")});
    running->stop();
  }
  const fs::path day = folder_.path() / "history-2025-11-24.sqlite";
  {
    // An earlier release numbers rows itself, and knows nothing of positions.
    auto database = *sqlite::Database::open(day.string());
    ASSERT_TRUE(database.run(
        "INSERT INTO events (kind, instance_id, seq, proxy, applied_us, request_id, outcome) "
        "VALUES ('ended', 'other', 1, 'p', 1764000000000000, 'of another', 1);"
        "INSERT INTO watermarks (instance_id, proxy, seq, updated_us) VALUES ('other', 'p', 1, "
        "1)"));
  }

  const auto later = service();
  EXPECT_EQ(later->restored(), 1u);
  EXPECT_EQ(later->tracker().counts().ended, 2u);
  later->report({ended("b")});
  EXPECT_EQ(later->tracker().counts().ended, 2u) << "number 1 is known";
}

}  // namespace
}  // namespace vdm::metrics::kept_over_restart_test
