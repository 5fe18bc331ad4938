#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "metrics-service/tracker/tracker.h"
#include "metrics-service/tracker/view.h"
#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::checkpoint_test {
namespace {

using namespace scenario;

std::string state_of(const Tracker& tracker, ClockPair now) {
  WireBuffer out;
  tracker.save(out, now);
  return std::string(out.bytes());
}
/// What two states that are equal have in common.
std::uint64_t hash_of(const Tracker& tracker, ClockPair now) {
  return fnv1a_64(state_of(tracker, now));
}

/// A bit of everything.
void fill(Tracker& tracker) {
  tracker.begin(7);
  ProxyHello said = hello();
  said.secret = InstanceSecret::of("own");
  tracker.hello(said, at(0));
  std::vector<Event> events;
  for (int i = 0; i < 40; ++i) events.push_back(started("r" + std::to_string(i)));
  for (int i = 0; i < 30; ++i) {
    events.push_back(progress("r" + std::to_string(i), 500, 5));
    events.push_back(progress("r" + std::to_string(i), 900, 50));
  }
  for (int i = 0; i < 10; ++i) {
    events.push_back(ended("r" + std::to_string(i), i % 2 ? Outcome::Timeout : Outcome::Ok));
  }
  const auto last = tracker.apply(Proxy, 1, events, at(1000));
  tracker.begin(8);
  tracker.apply(Proxy, last + 1, {Gap{.from_seq = last + 1, .to_seq = last + 9, .ended_count = 2}},
                at(1100));
  tracker.apply("other", 5, {started("lost")}, at(1200));
  tracker.begin(9);
  for (int ms = 1250; ms < 6500; ms += 250) {
    tracker.heartbeat(Proxy, {.active_count = 30, .as_of_seq = last + 9}, at(ms));
    tracker.tick(at(ms));
  }
  tracker.active_snapshot(Proxy, last + 20, {{.request_id = "r11", .facts = {}, .progress = {}}},
                          at(6600));
}

TEST(Checkpoint, GivesBackTheWholeState) {
  Tracker tracker{TrackerOptions{}};
  fill(tracker);
  const ClockPair now = at(7000);
  const std::string state = state_of(tracker, now);

  Tracker again{TrackerOptions{}};
  ASSERT_TRUE(again.load(state, now));

  EXPECT_EQ(hash_of(again, now), fnv1a_64(state));
  EXPECT_EQ(again.broken_invariant(), "");
  EXPECT_EQ(again.counts(), tracker.counts());
  EXPECT_EQ(again.revision(), tracker.revision());
  EXPECT_EQ(again.told(), tracker.told());
  EXPECT_EQ(again.secret_of(Proxy).hash, sha256("own"));
}

TEST(Checkpoint, GoesOnLikeTheTrackerItWasTakenOf) {
  Tracker tracker{TrackerOptions{}};
  fill(tracker);
  Tracker again{TrackerOptions{}};
  ASSERT_TRUE(again.load(state_of(tracker, at(7000)), at(7000)));

  for (Tracker* each : {&tracker, &again}) {
    each->begin(10);
    each->apply(Proxy, 200, {progress("r20", 7000, 99), ended("r21"), ended("lost")}, at(7100));
    each->tick(at(10'000));
    each->tick(at(12'500));
  }

  EXPECT_EQ(again.revision(), tracker.revision());
  EXPECT_EQ(hash_of(again, at(12'500)), hash_of(tracker, at(12'500)));
}

TEST(Checkpoint, IsRefusedWholeWhenItIsNoState) {
  Tracker tracker{TrackerOptions{}};
  fill(tracker);
  const std::string state = state_of(tracker, at(7000));
  Tracker other{TrackerOptions{}};
  other.apply(Proxy, 1, {ended("mine")}, at(0));

  for (std::size_t cut = 1; cut < state.size(); cut += 97) {
    Tracker fresh{TrackerOptions{}};
    (void)fresh.load(state.substr(0, cut), at(7000));  // must not break, whatever it makes of it
  }
  EXPECT_FALSE(other.load(state.substr(0, state.size() - 3), at(7000)));
  EXPECT_EQ(other.counts().ended, 1u);
}

TEST(Checkpoint, PassesOverFieldsOfALaterRelease) {
  Tracker tracker{TrackerOptions{}};
  fill(tracker);
  WireBuffer out;
  tracker.save(out, at(7000));
  out.text(99, "of a later release");

  Tracker again{TrackerOptions{}};
  EXPECT_TRUE(again.load(out.bytes(), at(7000)));
  EXPECT_EQ(again.counts(), tracker.counts());
}

TEST(Checkpoint, IsTheSameForTwoTrackersThatWereToldTheSame) {
  Tracker one{TrackerOptions{}};
  Tracker two{TrackerOptions{}};
  fill(one);
  fill(two);

  EXPECT_EQ(one.revision(), two.revision());
  EXPECT_EQ(hash_of(one, at(7000)), hash_of(two, at(7000)));
}

TEST(Positions, NumberChangesByThePositionTheyStandAt) {
  Tracker tracker{TrackerOptions{}};
  tracker.begin(3);
  EXPECT_EQ(tracker.revision(), 0u) << "an entry that changes nothing has no revision";

  tracker.apply(Proxy, 1, {started("a")}, at(0));
  EXPECT_EQ(tracker.revision() >> 17, 3u);
  tracker.begin(5);
  tracker.apply(Proxy, 2, {ended("a")}, at(10));
  EXPECT_EQ(tracker.revision() >> 17, 5u);
}

}  // namespace
}  // namespace vdm::metrics::checkpoint_test
