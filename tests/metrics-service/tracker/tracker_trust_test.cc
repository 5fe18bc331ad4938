#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "metrics-service/tracker/tracker.h"
#include "proto/contract/event_codec.h"
#include "tests/metrics-service/tracker/scenario.h"

// What a process may say of itself, and what nobody may say of another.

namespace vdm::metrics::tracker_trust_test {
namespace {

using namespace scenario;

ProxyHello hello_with(const std::string& secret) {
  ProxyHello said = hello();
  said.secret = InstanceSecret::of(secret);
  return said;
}

class TrackerTrust : public ::testing::Test {
 protected:
  void apply(std::uint64_t first_seq, const std::vector<Event>& events, std::int64_t ms = 0) {
    tracker_.apply(Proxy, first_seq, events, at(ms));
    ASSERT_EQ(tracker_.broken_invariant(), "");
  }
  /// The process lists these, and no other.
  void list(std::uint64_t as_of, const std::vector<std::string>& ids, std::int64_t ms = 0) {
    std::vector<ActiveEntry> entries;
    for (const std::string& id : ids) {
      entries.push_back({.request_id = id, .facts = nullptr, .progress = {}});
    }
    tracker_.active_snapshot(Proxy, as_of, entries, at(ms));
    ASSERT_EQ(tracker_.broken_invariant(), "");
  }
  ProxyView proxy() { return tracker_.proxies().at(0); }

  Tracker tracker_{TrackerOptions{.epoch = "e1"}};
};

TEST_F(TrackerTrust, ChangesNothingForAHelloOfAnotherProcess) {
  tracker_.hello(hello_with("own"), at(0));
  apply(1, {started("a")}, 0);
  const auto revision = tracker_.revision();

  for (const std::string secret : {"other", ""}) {
    EXPECT_TRUE(tracker_.hello(hello_with(secret), at(10)).is_of_another) << secret;
  }

  EXPECT_EQ(tracker_.revision(), revision);
  EXPECT_FALSE(tracker_.hello(hello_with("own"), at(20)).is_of_another);
}

TEST_F(TrackerTrust, KeepsAnInstanceWithoutASecretAsItBegan) {
  tracker_.hello(hello_with(""), at(0));

  EXPECT_TRUE(tracker_.hello(hello_with("other"), at(10)).is_of_another);
  EXPECT_FALSE(tracker_.hello(hello_with(""), at(20)).is_of_another);
}

TEST_F(TrackerTrust, KnowsAnInstanceAgainByWhatHistoryKept) {
  struct Case {
    InstanceSecret kept;
    std::string said;
    bool is_of_another;
  };
  for (const Case& each :
       {Case{InstanceSecret::of("own"), "own", false},
        Case{InstanceSecret::of("own"), "other", true}, Case{InstanceSecret::of("own"), "", true},
        Case{InstanceSecret::of(""), "", false}, Case{InstanceSecret::of(""), "other", true},
        Case{InstanceSecret(), "own", false}, Case{InstanceSecret(), "", false}}) {
    Tracker restored{TrackerOptions{}};
    restored.restore_watermark(Proxy, "proxy-1", 4, each.kept);

    EXPECT_EQ(restored.hello(hello_with(each.said), at(0)).is_of_another, each.is_of_another)
        << static_cast<int>(each.kept.kind) << each.said;
  }
}

TEST_F(TrackerTrust, LetsTheFirstHelloSayTheSecretThatAnEarlierReleaseDidNotKeep) {
  tracker_.restore_watermark(Proxy, "proxy-1", 4);

  EXPECT_FALSE(tracker_.hello(hello_with("own"), at(0)).is_of_another);
  EXPECT_TRUE(tracker_.hello(hello_with("other"), at(10)).is_of_another);
}

TEST_F(TrackerTrust, TakesAnInstanceThatOnlySaidHelloToBeginWhereItSays) {
  tracker_.restore_watermark(Proxy, "proxy-1", 0, InstanceSecret::of("own"));
  ProxyHello again = hello_with("own");
  again.oldest_unacked_seq = 100;
  tracker_.hello(again, at(0));

  apply(100, {started("a")}, 0);

  EXPECT_EQ(proxy().undeclared_gaps, 0u);
}

TEST_F(TrackerTrust, TellsAGapsRequestsOnceWhenTheListShowsThemLost) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a"), started("b"), started("c")});
  apply(4, {Gap{.from_seq = 4, .to_seq = 6, .ended_count = 3}});
  EXPECT_EQ(proxy().gap_ended, 3u) << "one of them may be a request that nobody knows";

  list(6, {"c"});

  EXPECT_EQ(proxy().lost, 2u);
  EXPECT_EQ(proxy().gap_ended, 1u) << "the one that stands nowhere else";
}

TEST_F(TrackerTrust, TellsAGapsRequestsOnceWhenTheyWereLostBeforeItCame) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a"), started("b"), started("c")});
  for (int ms = 0; ms <= 6000; ms += 250) tracker_.tick(at(ms));
  ASSERT_EQ(proxy().lost, 3u);
  tracker_.hello(hello(), at(7000));
  list(3, {"c"}, 7000);

  apply(4, {Gap{.from_seq = 4, .to_seq = 5, .ended_count = 2}}, 7000);

  EXPECT_EQ(proxy().lost, 2u);
  EXPECT_EQ(proxy().active, 1u);
  EXPECT_EQ(proxy().gap_ended, 0u);
}

TEST_F(TrackerTrust, TellsOfAGapAgainWhenALostRequestEndsAfterAll) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a"), Gap{.from_seq = 2, .to_seq = 2, .ended_count = 1}});
  list(2, {});
  ASSERT_EQ(proxy().gap_ended, 0u);

  apply(3, {ended("a")});

  EXPECT_EQ(proxy().lost, 0u);
  EXPECT_EQ(proxy().gap_ended, 1u) << "it was another request's end";
}

TEST_F(TrackerTrust, TellsAGapsRequestsOnceAfterARestartToo) {
  tracker_.hello(hello(), at(0));
  apply(1, {started("a"), started("b"), Gap{.from_seq = 3, .to_seq = 5, .ended_count = 3}});
  list(5, {"b"});

  Tracker restored{TrackerOptions{.epoch = "e2"}};
  for (const auto& event : tracker_.events_after(0).events) {
    const bool is_kept =
        std::holds_alternative<Gap>(event->kind) || std::holds_alternative<Lost>(event->kind);
    if (is_kept) restored.restore(*event, at(9000));
    ASSERT_EQ(restored.broken_invariant(), "");
  }
  restored.restore_watermark(Proxy, "proxy-1", 5);
  restored.hello(hello(Proxy, 6), at(9000));

  EXPECT_EQ(proxy().gap_ended, 2u);
  EXPECT_EQ(restored.proxies().at(0).gap_ended, 2u);
  EXPECT_EQ(restored.proxies().at(0).lost, 1u);
}

TEST_F(TrackerTrust, LetsABatchBeginWhereTheLastEndedOrItsHelloSays) {
  EXPECT_EQ(tracker_.first_seq_most(Proxy), CountMax) << "nothing is known of it";
  tracker_.hello(hello(Proxy, 0), at(0));
  EXPECT_EQ(tracker_.first_seq_most(Proxy), CountMax) << "nor does it say";
  tracker_.hello(hello(Proxy, 10), at(0));
  EXPECT_EQ(tracker_.first_seq_most(Proxy), 10u);

  apply(10, {started("a"), Gap{.from_seq = 11, .to_seq = 99, .ended_count = 0}});
  EXPECT_EQ(tracker_.first_seq_most(Proxy), 100u);

  tracker_.hello(hello(Proxy, 50), at(10));
  EXPECT_EQ(tracker_.first_seq_most(Proxy), 100u) << "what it sends again";
  tracker_.hello(hello(Proxy, 200), at(20));
  EXPECT_EQ(tracker_.first_seq_most(Proxy), 200u) << "another service has what is between";
}

TEST_F(TrackerTrust, LetsABatchBeginAfterWhatHistoryHas) {
  tracker_.restore_watermark(Proxy, "proxy-1", 4);

  EXPECT_EQ(tracker_.first_seq_most(Proxy), 5u);
}

TEST_F(TrackerTrust, FollowsNoMoreRequestsOfOneProcessThanLeavesRoomForOthers) {
  Tracker small({.active_max = 100, .active_of_instance_max = 2});
  std::vector<ActiveEntry> many;
  for (int i = 0; i < 5; ++i) {
    const std::string id = "phantom" + std::to_string(i);
    many.push_back({.request_id = id, .facts = facts(id), .progress = {}});
  }

  small.hello(hello("liar"), at(0));
  EXPECT_FALSE(small.active_snapshot("liar", 0, many, at(0))) << "nothing more is asked for";
  small.apply("liar", 1, {started("x"), ended("x")}, at(0));
  small.hello(hello("other"), at(0));
  small.apply("other", 1, {started("a"), started("b")}, at(0));

  EXPECT_EQ(small.counts(), (Counts{.started = 5, .ended = 1, .lost = 0, .active = 4}));
  EXPECT_EQ(small.active_overflow(), 4u);
  EXPECT_FALSE(small.heartbeat("liar", {.active_count = 5, .as_of_seq = 2}, at(10)));
  EXPECT_EQ(small.broken_invariant(), "");
}

TEST_F(TrackerTrust, TakesNoAgeFromAStartThatCannotBe) {
  const auto age_with_start = [](WallTime start) {
    Tracker tracker{TrackerOptions{}};
    RequestFacts about = *facts("a");
    about.started_at = start;
    tracker.hello(hello(), at(0));
    tracker.active_snapshot(
        Proxy, 0,
        {{.request_id = "a", .facts = std::make_shared<const RequestFacts>(about), .progress = {}}},
        at(60'000));
    return tracker.oldest_active(at(60'000))->duration;
  };

  EXPECT_EQ(age_with_start(at(0).wall), std::chrono::seconds(60));
  EXPECT_EQ(age_with_start(WallTime{}), Micros(0)) << "not told";
  EXPECT_EQ(age_with_start(WallTime(std::chrono::seconds(1))), Micros(0)) << "1970";
  EXPECT_EQ(age_with_start(at(120'000).wall), Micros(0)) << "to come";
}

TEST_F(TrackerTrust, ShowsAtOnceThatAProxyReportsWhatCannotBe) {
  tracker_.hello(hello(), at(0));
  const auto before = tracker_.revision();

  tracker_.left_out(Proxy, 3, at(10));
  tracker_.left_out(Proxy, 4, at(20));

  EXPECT_EQ(proxy().implausible_numbers, 7u);
  EXPECT_GT(tracker_.revision(), before);
}

}  // namespace
}  // namespace vdm::metrics::tracker_trust_test
