#include "metrics-service/tracker/view.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::view_test {
namespace {

using namespace scenario;

TEST(View, SaysOnlyWhatChanged) {
  Tracker tracker({});
  tracker.hello(hello(), at(0));
  tracker.apply(Proxy, 1, {started("a"), started("b")}, at(0));
  const auto before = tracker.revision();

  tracker.apply(Proxy, 3, {progress("a", 1000, 5)}, at(1000));
  const View view = changes_of(tracker, before, at(1000));

  ASSERT_EQ(view.active.size(), 1u);
  EXPECT_EQ(view.active[0].facts->request_id, "a");
  EXPECT_TRUE(view.removed.empty());
  EXPECT_EQ(view.summary, nullptr);
  EXPECT_FALSE(view.proxies);
  EXPECT_EQ(view.series.size(), 1u);
  EXPECT_FALSE(view.degraded);
}

TEST(View, SaysNothingWhenOnlyTimePassed) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {started("a")}, at(0));

  const View view = changes_of(tracker, tracker.revision(), at(60'000));

  EXPECT_TRUE(view.active.empty());
  EXPECT_TRUE(view.series.empty());
  EXPECT_EQ(view.summary, nullptr);
}

TEST(View, RemovesWhatEndedAndTellsWhatItBecame) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {started("a")}, at(0));
  const auto before = tracker.revision();

  tracker.apply(Proxy, 2, {ended("a", Outcome::Timeout)}, at(10));
  const View view = changes_of(tracker, before, at(10));

  EXPECT_EQ(view.removed, std::vector<std::string>{"a"});
  ASSERT_EQ(view.traces.size(), 1u);
  EXPECT_EQ(view.errors.size(), 1u);
  ASSERT_NE(view.summary, nullptr);
  ASSERT_EQ(view.models.size(), 1u);
  EXPECT_EQ(*view.models[0].model, "m");
}

TEST(View, ShowsRowsAnewWhenTheirProxyGoesStale) {
  Tracker tracker({});
  tracker.hello(hello(), at(0));
  tracker.apply(Proxy, 1, {started("a")}, at(0));
  const auto before = tracker.revision();

  tracker.stream_closed(Proxy, at(10));
  const View view = changes_of(tracker, before, at(10));

  ASSERT_EQ(view.active.size(), 1u);
  EXPECT_TRUE(view.active[0].stale);
  ASSERT_TRUE(view.proxies);
  EXPECT_EQ(view.proxies->at(0).state, ProxyState::Stale);
}

TEST(View, TellsWhyTheServiceIsDegraded) {
  Tracker tracker({});
  const auto before = tracker.revision();

  tracker.set_degraded({"the disk is full"});

  EXPECT_EQ(*changes_of(tracker, before, at(0)).degraded,
            std::vector<std::string>{"the disk is full"});
  EXPECT_GT(tracker.structure_revision(), before) << "pushed at once";
}

/// What would be written for readers who stand at each of `places`: rows, and rows looked at.
struct Cost {
  std::size_t rows = 0;
  std::uint64_t visited = 0;
};
Cost cost_of(const Tracker& tracker, const std::vector<std::uint64_t>& places) {
  Cost cost;
  const std::uint64_t before = tracker.rows_visited();
  for (const std::uint64_t place : places) {
    cost.rows += changes_of(tracker, place, at(0)).active.size();
  }
  cost.visited = tracker.rows_visited() - before;
  return cost;
}

std::string id_of(int i) { return "r" + std::to_string(i); }

TEST(View, CostsWhatChangedAndNotWhatRuns) {
  constexpr int Running = 50'000;
  constexpr int Changed = 500;
  Tracker tracker({});
  std::vector<Event> events;
  for (int i = 0; i < Running; ++i) events.push_back(started(id_of(i)));
  std::uint64_t seq = tracker.apply(Proxy, 1, events, at(0));

  for (int publish = 0; publish < 10; ++publish) {
    const std::uint64_t place = tracker.revision();
    events.clear();
    for (int i = 0; i < Changed; ++i) {
      events.push_back(progress(id_of((i * 97 + publish) % Running), publish + 1, 1));
    }
    seq = tracker.apply(Proxy, seq + 1, events, at(publish));
    const Cost cost = cost_of(tracker, {place, place + Changed / 2});
    EXPECT_EQ(cost.rows, Changed + Changed / 2u);
    EXPECT_LE(cost.visited, cost.rows + 2) << "and at most one that is no change, for each place";
  }
}

TEST(View, CostsNothingWhenRequestsEndAndOthersRun) {
  Tracker tracker({});
  std::vector<Event> events;
  for (int i = 0; i < 1'000; ++i) events.push_back(started(id_of(i)));
  const std::uint64_t seq = tracker.apply(Proxy, 1, events, at(0));
  const std::uint64_t place = tracker.revision();

  tracker.apply(Proxy, seq + 1, {ended(id_of(0)), ended(id_of(999))}, at(10));
  const std::uint64_t before = tracker.rows_visited();

  EXPECT_EQ(changes_of(tracker, place, at(10)).removed.size(), 2u);
  EXPECT_LE(tracker.rows_visited() - before, 1u);
}

TEST(View, ListsWhatChangedNewestRequestFirstHoweverItChanged) {
  Tracker tracker({});
  const auto open = [&](std::uint64_t seq, const std::string& id, std::int64_t started_ms) {
    tracker.apply(Proxy, seq, {Started{facts(id, "m", "p", started_ms)}}, at(0));
  };
  open(1, "middle", 20);
  open(2, "newest", 30);
  open(3, "oldest", 10);

  tracker.apply(Proxy, 4, {progress("newest", 1, 1), progress("middle", 1, 1)}, at(1));

  std::vector<std::string> ids;
  for (const auto& row : snapshot_of(tracker, at(1)).active) ids.push_back(row.facts->request_id);
  EXPECT_EQ(ids, (std::vector<std::string>{"newest", "middle", "oldest"}));
}

/// Whoever takes a snapshot and then every change, wherever they begin and however much they
/// skip, holds what a snapshot now would say.
TEST(View, ChangesAddUpToASnapshotWhereverAReaderStands) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 random(seed);
    Tracker tracker({});
    std::map<std::string, std::uint64_t> held;  // id -> output tokens
    std::uint64_t place = 0;
    std::uint64_t seq = 0;
    std::vector<std::string> open;
    const auto read = [&](std::int64_t ms) {
      const View view = changes_of(tracker, place, at(ms));
      for (const auto& row : view.active) {
        held[row.facts->request_id] = row.progress ? row.progress->usage.output_tokens : 0;
      }
      for (const auto& id : view.removed) held.erase(id);
      place = view.revision;
    };
    for (int step = 0; step < 200; ++step) {
      const auto dice = random() % 10;
      const auto which = open.empty() ? 0 : random() % open.size();
      if (dice < 4 || open.empty()) {
        open.push_back("r" + std::to_string(step));
        tracker.apply(Proxy, ++seq, {started(open.back())}, at(step));
      } else if (dice < 7) {
        tracker.apply(Proxy, ++seq, {progress(open[which], step * 10, step)}, at(step));
      } else {
        tracker.apply(Proxy, ++seq, {ended(open[which])}, at(step));
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
      }
      if (random() % 3 == 0) read(step);
    }
    read(200);

    std::map<std::string, std::uint64_t> now;
    for (const auto& row : snapshot_of(tracker, at(200)).active) {
      now[row.facts->request_id] = row.progress ? row.progress->usage.output_tokens : 0;
    }
    ASSERT_EQ(held, now) << "seed " << seed;
  }
}

}  // namespace
}  // namespace vdm::metrics::view_test
