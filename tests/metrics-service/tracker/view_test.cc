#include "metrics-service/tracker/view.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics {
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
}  // namespace vdm::metrics
