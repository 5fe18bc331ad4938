#include "metrics-service/tracker/tracker.h"

#include <gtest/gtest.h>

#include "common/base/digest.h"
#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::tracker_test {
namespace {

using namespace scenario;

/// A tracker that checks its books after every step.
class TrackerTest : public ::testing::Test {
 protected:
  void apply(std::uint64_t first_seq, const std::vector<Event>& events, std::int64_t ms = 0) {
    tracker_.apply(Proxy, first_seq, events, at(ms));
    ASSERT_EQ(tracker_.broken_invariant(), "");
  }
  bool heartbeat(const ProxyHeartbeat& said, std::int64_t ms) {
    const bool asks = tracker_.heartbeat(Proxy, said, at(ms));
    EXPECT_EQ(tracker_.broken_invariant(), "");
    return asks;
  }
  bool snapshot(std::uint64_t as_of, const std::vector<ActiveEntry>& entries, std::int64_t ms = 0) {
    const bool asks = tracker_.active_snapshot(Proxy, as_of, entries, at(ms));
    EXPECT_EQ(tracker_.broken_invariant(), "");
    return asks;
  }
  void tick(std::int64_t ms) {
    tracker_.tick(at(ms));
    ASSERT_EQ(tracker_.broken_invariant(), "");
  }
  /// Ticks four times a second, with nothing heard.
  void silence(std::int64_t from_ms, std::int64_t to_ms) {
    for (auto ms = from_ms; ms <= to_ms; ms += 250) tick(ms);
  }
  ProxyView proxy() { return tracker_.proxies().at(0); }

  Tracker tracker_{TrackerOptions{.epoch = "e1"}};
};

TEST_F(TrackerTest, CountsABatchSentTwiceOnce) {
  apply(1, {started("a"), ended("a")});

  apply(1, {started("a"), ended("a")});

  EXPECT_EQ(tracker_.counts(), (Counts{.started = 1, .ended = 1, .lost = 0, .active = 0}));
}

TEST_F(TrackerTest, CountsAnEndOfAnUnknownRequestAsStartedAndEnded) {
  apply(1, {ended("a")});

  EXPECT_EQ(tracker_.counts(), (Counts{.started = 1, .ended = 1, .lost = 0, .active = 0}));
  EXPECT_EQ(proxy().started, 1u);
}

TEST_F(TrackerTest, ShowsRequestsStaleAtOnceWhenTheStreamCloses) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a")}, 10);
  const auto before = tracker_.revision();

  tracker_.stream_closed(Proxy, at(20));

  EXPECT_EQ(proxy().state, ProxyState::Stale);
  EXPECT_TRUE(tracker_.active(at(20)).at(0).stale);
  EXPECT_GT(tracker_.active(at(20)).at(0).changed_at, before);
}

TEST_F(TrackerTest, StaysConnectedWhenTheOldStreamClosesAfterTheNewOneOpened) {
  ProxyHello said = hello();
  said.session = 1;
  tracker_.hello(said, at(0));
  said.session = 2;
  tracker_.hello(said, at(10));

  tracker_.stream_closed(Proxy, at(20), 1);
  EXPECT_EQ(proxy().state, ProxyState::Connected);

  tracker_.stream_closed(Proxy, at(30), 2);
  EXPECT_EQ(proxy().state, ProxyState::Stale);
}

TEST_F(TrackerTest, LosesRequestsFiveSecondsAfterTheLastHeartbeat) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a"), started("b")}, 0);

  silence(0, 5000);
  EXPECT_EQ(tracker_.counts().active, 2u);
  silence(5250, 5250);

  EXPECT_EQ(tracker_.counts(), (Counts{.started = 2, .ended = 0, .lost = 2, .active = 0}));
  EXPECT_EQ(proxy().state, ProxyState::Gone);
  EXPECT_EQ(tracker_.totals().summary().counters.total.errors, 0u);
  EXPECT_EQ(tracker_.traces(10).at(0)->ended.outcome, Outcome::Lost);
}

TEST_F(TrackerTest, DoesNotHoldItsOwnPauseAgainstAProxy) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a")}, 0);
  tick(0);

  tick(60'000);  // the service was suspended for a minute

  EXPECT_EQ(tracker_.counts().active, 1u);
}

TEST_F(TrackerTest, CorrectsTotalsWhenTheEndOfALostRequestComesLate) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a")}, 0);
  silence(0, 6000);

  apply(2, {ended("a", Outcome::UpstreamError)}, 7000);

  EXPECT_EQ(tracker_.counts(), (Counts{.started = 1, .ended = 1, .lost = 0, .active = 0}));
  EXPECT_EQ(tracker_.totals().summary().counters.total.errors, 1u);
  EXPECT_EQ(tracker_.totals().summary().counters.total.lost, 0u);
  ASSERT_EQ(tracker_.traces(10).size(), 1u);
  EXPECT_EQ(tracker_.traces(10).at(0)->ended.outcome, Outcome::UpstreamError);
}

TEST_F(TrackerTest, TakesALossBackWhenItsProxyStillListsTheRequest) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a")}, 0);
  silence(0, 6000);
  tracker_.hello(hello(), at(7000));

  snapshot(1, {{.request_id = "a", .facts = nullptr, .progress = std::nullopt}}, 7000);

  EXPECT_EQ(tracker_.counts(), (Counts{.started = 1, .ended = 0, .lost = 0, .active = 1}));
  EXPECT_TRUE(tracker_.traces(10).empty());
}

TEST_F(TrackerTest, ReconcilesOnlyWhatStartedBeforeTheSnapshot) {
  apply(1, {started("old"), started("kept")});
  apply(3, {started("new")});

  snapshot(2, {{.request_id = "kept", .facts = nullptr, .progress = std::nullopt}});

  EXPECT_FALSE(tracker_.find_active("old", at(0)));
  EXPECT_TRUE(tracker_.find_active("kept", at(0)));
  EXPECT_TRUE(tracker_.find_active("new", at(0)));
  EXPECT_EQ(tracker_.counts().lost, 1u);
}

TEST_F(TrackerTest, WaitsWithReconcilingUntilAllEventsBeforeTheSnapshotHaveCome) {
  apply(1, {started("a")});
  snapshot(3, {});  // as of 3 nothing runs: the end of "a" is on its way
  EXPECT_EQ(tracker_.counts().active, 1u);

  apply(2, {ended("a"), started("b")});

  // "b" started at 3 and is not listed at 3, so its proxy no longer knows it.
  EXPECT_EQ(tracker_.counts(), (Counts{.started = 2, .ended = 1, .lost = 1, .active = 0}));
}

TEST_F(TrackerTest, RestoresActiveRequestsFromASnapshotWithFacts) {
  tracker_.hello(hello(Proxy, 0), at(0));

  const bool asks = snapshot(
      70, {{.request_id = "a", .facts = facts("a"), .progress = progress("a", 9000, 50)}}, 0);

  EXPECT_FALSE(asks);
  const auto row = tracker_.find_active("a", at(1000));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->duration, std::chrono::seconds(10));
  EXPECT_EQ(row->progress->usage.output_tokens, 50u);
}

TEST_F(TrackerTest, AsksForFactsWhenASnapshotListsARequestItDoesNotKnow) {
  EXPECT_TRUE(snapshot(5, {{.request_id = "a", .facts = nullptr, .progress = std::nullopt}}));
}

TEST_F(TrackerTest, AsksForASnapshotWhenTheHashDiffersAtTheSameSequence) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a")}, 0);
  const ProxyHeartbeat same{.active_count = 1, .active_hash = fnv1a_64("a"), .as_of_seq = 1};
  const ProxyHeartbeat other{.active_count = 1, .active_hash = fnv1a_64("b"), .as_of_seq = 1};
  const ProxyHeartbeat ahead{.active_count = 0, .active_hash = 0, .as_of_seq = 2};

  EXPECT_FALSE(heartbeat(same, 1000));
  EXPECT_FALSE(heartbeat(ahead, 1000));
  EXPECT_TRUE(heartbeat(other, 1000));
  EXPECT_FALSE(heartbeat(other, 2000)) << "asked a second ago";
  EXPECT_TRUE(heartbeat(other, 3000));
}

TEST_F(TrackerTest, CountsADeclaredGapAndAnUndeclaredOneApart) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a")}, 0);

  apply(2, {Gap{.from_seq = 2, .to_seq = 9, .ended_count = 3}, started("b")}, 0);
  EXPECT_EQ(proxy().gap_ended, 3u);
  EXPECT_EQ(proxy().undeclared_gaps, 0u);
  apply(13, {started("c")}, 0);

  EXPECT_EQ(proxy().undeclared_gaps, 2u) << "11 and 12 never came";
  EXPECT_EQ(tracker_.counts().active, 3u);
}

TEST_F(TrackerTest, TakesTheFirstBatchAsTheBeginningWhenNothingWaitedAtTheProxy) {
  tracker_.hello(hello(Proxy, 0), at(0));

  apply(500, {started("a")}, 0);

  EXPECT_EQ(proxy().undeclared_gaps, 0u);
  EXPECT_EQ(tracker_.counts().active, 1u);
}

TEST_F(TrackerTest, TellsAReturningProxyWhatIsCommitted) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a"), ended("a")}, 0);
  tracker_.committed(Proxy, 2);

  EXPECT_EQ(tracker_.hello(hello(), at(1000)).last_committed_seq, 2u);
}

TEST_F(TrackerTest, KeepsCountingRequestsThatItCouldNotFollow) {
  Tracker small({.active_max = 1});
  small.apply(Proxy, 1, {started("a"), started("b")}, at(0));
  EXPECT_EQ(small.active_overflow(), 1u);
  EXPECT_EQ(small.counts().started, 1u);

  small.apply(Proxy, 3, {ended("b")}, at(0));

  EXPECT_EQ(small.counts(), (Counts{.started = 2, .ended = 1, .lost = 0, .active = 1}));
  EXPECT_EQ(small.broken_invariant(), "");
}

TEST_F(TrackerTest, CountsLostRequestsOfAForgottenInstanceForGood) {
  Tracker small({.instances_max = 1});
  small.hello(hello("one"), at(0));
  small.apply("one", 1, {started("a"), ended("b")}, at(0));
  for (int ms = 0; ms <= 6000; ms += 250) small.tick(at(ms));

  small.hello(hello("two"), at(7000));
  small.apply("two", 1, {ended("a")}, at(7000));

  EXPECT_EQ(small.counts(), (Counts{.started = 2, .ended = 1, .lost = 1, .active = 0}));
  EXPECT_EQ(small.broken_invariant(), "");
}

TEST_F(TrackerTest, MovesARequestToTheModelItsEndNames) {
  apply(1, {Started{facts("a", "first")}});

  apply(2, {end_of(facts("a", "fallback"))});

  const auto& models = tracker_.totals().providers().at("p").models;
  EXPECT_EQ(models.at("first").active, 0u);
  EXPECT_EQ(models.at("first").counters.total.requests, 0u);
  EXPECT_EQ(models.at("fallback").counters.total.requests, 1u);
}

TEST_F(TrackerTest, GivesTokensPerSecondOverTheLastSecondsAndNoneWhenItStalls) {
  apply(1, {started("a"), progress("a", 100, 0)}, 100);
  EXPECT_FALSE(tracker_.find_active("a", at(100))->tokens_per_second);
  for (int s = 1; s <= 10; ++s) {
    apply(static_cast<std::uint64_t>(s + 2),
          {progress("a", s * 1000, s <= 5 ? 10u : static_cast<unsigned>(50 + (s - 5) * 100))},
          s * 1000);
  }

  EXPECT_DOUBLE_EQ(*tracker_.find_active("a", at(10'000))->tokens_per_second, 100.0);
  const auto before = tracker_.revision();
  silence(10'000, 13'000);

  EXPECT_DOUBLE_EQ(*tracker_.find_active("a", at(13'000))->tokens_per_second, 0.0);
  EXPECT_GT(tracker_.find_active("a", at(13'000))->changed_at, before);
}

TEST_F(TrackerTest, CountsTokensInTheSecondInWhichTheyCame) {
  apply(1, {started("a"), progress("a", 1000, 30)}, 1000);
  apply(3, {progress("a", 2000, 50)}, 2000);
  apply(4, {[] {
          Ended e = end_of(facts("a"));
          e.usage.output_tokens = 55;
          return Event(e);
        }()},
        3000);

  const auto series = tracker_.series().since(at(3000).wall, 0);
  ASSERT_EQ(series.size(), 3u);
  EXPECT_EQ(series[0].output_tokens, 30u);
  EXPECT_EQ(series[1].output_tokens, 20u);
  EXPECT_EQ(series[2].output_tokens, 5u);
  EXPECT_EQ(series[0].started, 1u);
  EXPECT_EQ(series[2].ended, 1u);
}

TEST_F(TrackerTest, ContinuesACursorAndSaysWhenItCannot) {
  apply(1, {started("a")});
  const std::string cursor = tracker_.cursor().text();
  apply(2, {progress("a", 1000, 5), ended("a")});

  const auto rest = tracker_.events_after(cursor);

  ASSERT_EQ(rest.events.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Progressed>(rest.events[0]->kind));
  EXPECT_EQ(rest.events[1]->seq, 3u);
  EXPECT_EQ(tracker_.events_after("e0-1").reset_reason, "epoch");
  EXPECT_EQ(tracker_.events_after("e1-999").reset_reason, "epoch");
  EXPECT_EQ(tracker_.events_after("nonsense").reset_reason, "malformed");
}

TEST_F(TrackerTest, SaysHowMuchIsLostWhenACursorIsTooOld) {
  Tracker small({.epoch = "e", .events_max = 4});
  std::vector<Event> many;
  for (int i = 0; i < 10; ++i) many.push_back(started("r" + std::to_string(i)));
  small.apply(Proxy, 1, many, at(0));

  const auto rest = small.events_after("e-2-2");

  EXPECT_EQ(rest.reset_reason, "too_old");
  EXPECT_EQ(rest.lost, small.told() - 4 - 2) << "all but those that are kept and those it has";
  EXPECT_EQ(small.events_after("e-2").lost, 0u) << "a cursor that does not say";
  EXPECT_TRUE(rest.events.empty());
}

TEST_F(TrackerTest, ShowsAtOnceThatAProxyHoldsRejectionsBack) {
  tracker_.hello(hello(), at(0));
  const std::uint64_t before = tracker_.revision();

  tracker_.heartbeat(Proxy, {.rejections_unlisted = 40}, at(1000));

  EXPECT_GT(tracker_.revision(), before);
  EXPECT_EQ(tracker_.proxies().at(0).rejections_unlisted, 40u);
}

TEST_F(TrackerTest, CountsAnswersOfAnotherModelOnceAndAgainAfterARestart) {
  Ended other = end_of(facts("a"));
  set_answered_model(other, "m-lite");
  other.model_mismatch = true;
  tracker_.apply(Proxy, 1, {started("a"), other, other, ended("b")}, at(0));
  EXPECT_EQ(tracker_.totals().summary().counters.total.model_mismatches, 1u);

  Tracker restored{TrackerOptions{}};
  LiveEvent row;
  row.instance_id = row.proxy = std::make_shared<const std::string>(Proxy);
  row.seq = 2;
  row.facts = other.facts;
  row.kind = other;
  restored.restore(row, at(1000));
  EXPECT_EQ(restored.totals().summary().counters.total.model_mismatches, 1u);
}

TEST_F(TrackerTest, SaysNothingNewWhenHeartbeatsBringNothingNew) {
  tracker_.hello(hello(), at(0));
  const auto before = tracker_.revision();

  for (int s = 1; s < 20; ++s)
    heartbeat({.active_count = 0, .buffered_bytes = 100u + static_cast<unsigned>(s)}, s * 1000);

  EXPECT_EQ(tracker_.revision(), before);
}

TEST_F(TrackerTest, RestoresHistoryAndCarriesOnAfterIt) {
  Tracker first({.epoch = "e1"});
  first.hello(hello(), at(0));
  first.apply(Proxy, 1, {started("a"), started("b"), ended("a"), ended("c", Outcome::Timeout)},
              at(0));
  for (int ms = 0; ms <= 6000; ms += 250) first.tick(at(ms));
  const auto log = first.events_after(0).events;

  for (const auto& event : log) {
    const bool kept =
        std::holds_alternative<Ended>(event->kind) || std::holds_alternative<Lost>(event->kind);
    if (kept) tracker_.restore(*event, at(9000));
    ASSERT_EQ(tracker_.broken_invariant(), "");
  }
  tracker_.restore_watermark(Proxy, "proxy-1", 4);

  EXPECT_EQ(tracker_.counts(), first.counts());
  EXPECT_TRUE(tracker_.proxies().empty()) << "history alone is no proxy";
  EXPECT_EQ(tracker_.traces(10).size(), 3u);
  EXPECT_EQ(tracker_.errors(10).size(), 1u);
  EXPECT_EQ(tracker_.hello(hello(Proxy, 5), at(9000)).last_committed_seq, 4u);
  apply(4, {ended("c", Outcome::Timeout), ended("b")}, 9000);
  EXPECT_EQ(tracker_.counts(), (Counts{.started = 3, .ended = 3, .lost = 0, .active = 0}));
}

TEST_F(TrackerTest, NumbersTracesAndErrorsWithoutGapsAndKeepsTheLastOfThem) {
  Tracker small({.errors_max = 2, .traces_max = 3});
  std::vector<Event> many;
  for (int i = 0; i < 8; ++i) {
    many.push_back(ended("r" + std::to_string(i), i % 2 ? Outcome::Rejected : Outcome::Ok));
  }
  small.apply(Proxy, 1, many, at(0));

  const auto traces = small.traces(100);
  const auto errors = small.errors(100);

  ASSERT_EQ(traces.size(), 3u);
  EXPECT_EQ(traces[0]->seq, 8u);
  EXPECT_EQ(traces[2]->seq, 6u);
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0]->error_seq, 4u);
  EXPECT_EQ(small.traces(100, 7).size(), 1u);
  EXPECT_EQ(small.errors(100, 3).size(), 1u);
}

TEST_F(TrackerTest, ShowsAProcessThatIsGoneForAWhileAndThenCountsItAlone) {
  tracker_.hello(hello(), at(0));
  apply(1, {ended("a"), started("b")}, 0);
  silence(0, 6000);
  for (int ms = 8000; ms <= 600'000; ms += 2000) tick(ms);
  EXPECT_EQ(tracker_.proxies().size(), 1u);
  const auto before = tracker_.revision();

  tick(602'000);
  tick(604'000);

  EXPECT_TRUE(tracker_.proxies().empty());
  EXPECT_EQ(tracker_.proxies_changed_at(), before + 1) << "said once";
  EXPECT_EQ(tracker_.counts(), (Counts{.started = 2, .ended = 1, .lost = 1, .active = 0}));
}

TEST_F(TrackerTest, HidesAProcessThatIsGoneOnceItsSuccessorIsThere) {
  tracker_.hello(hello("old"), at(0));
  silence(0, 6000);
  EXPECT_EQ(tracker_.proxies().size(), 1u);

  tracker_.hello(hello("new"), at(7000));

  ASSERT_EQ(tracker_.proxies().size(), 1u);
  EXPECT_EQ(tracker_.proxies()[0].instance_id, "new");
}

}  // namespace
}  // namespace vdm::metrics::tracker_test
