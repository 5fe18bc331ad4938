#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/metrics-service/tracker/scenario.h"

// The protocol's promise: per request ACTIVE < LOST < ENDED, merged by maximum, so events
// that are duplicated, permuted within a window and dropped end in the state it says.

namespace vdm::metrics::tracker_order_test {
namespace {

using namespace scenario;

struct Numbered {
  std::uint64_t seq;
  Event event;
};

/// Requests that start, progress, and mostly end.
std::vector<Numbered> a_history(std::mt19937& random, std::size_t requests) {
  std::vector<Numbered> history;
  std::vector<std::string> open;
  std::size_t made = 0;
  const auto add = [&](Event event) { history.push_back({history.size() + 1, std::move(event)}); };
  while (made < requests || open.size() > 5) {
    const auto dice = random() % 4;
    if (made < requests && (open.empty() || dice == 0)) {
      open.push_back("req_" + std::to_string(made++));
      add(started(open.back()));
    } else if (!open.empty()) {
      const std::size_t which = random() % open.size();
      if (dice < 3) {
        add(progress(open[which], static_cast<std::int64_t>(history.size()) * 10, history.size()));
      } else {
        add(ended(open[which], random() % 3 == 0 ? Outcome::UpstreamError : Outcome::Ok));
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
      }
    }
  }
  return history;
}

std::vector<Numbered> permuted_within(std::vector<Numbered> events, std::size_t window,
                                      std::mt19937& random) {
  for (std::size_t i = 0; i + 1 < events.size(); ++i) {
    std::swap(events[i], events[i + random() % std::min(window, events.size() - i)]);
  }
  return events;
}

std::string id_of(const Event& event) {
  if (const auto* s = std::get_if<Started>(&event)) return s->facts->request_id;
  if (const auto* e = std::get_if<Ended>(&event)) return e->facts->request_id;
  if (const auto* p = std::get_if<Progressed>(&event)) return p->request_id;
  return "";
}

/// What the protocol says of a set of events, in whatever order they came.
struct Expected {
  std::set<std::string> active;
  std::map<std::string, Outcome> ended;
  std::uint64_t missing = 0;
};
Expected expected_of(const std::vector<Numbered>& came) {
  Expected expected;
  std::set<std::uint64_t> seqs;
  for (const auto& [seq, event] : came) {
    seqs.insert(seq);
    if (const auto* e = std::get_if<Ended>(&event)) expected.ended[id_of(event)] = e->outcome;
  }
  for (const auto& [seq, event] : came) {
    if (std::holds_alternative<Started>(event) && !expected.ended.contains(id_of(event))) {
      expected.active.insert(id_of(event));
    }
  }
  expected.missing = seqs.empty() ? 0 : *seqs.rbegin() - seqs.size();
  return expected;
}

void expect_state(const Tracker& tracker, const Expected& expected, const std::string& when) {
  std::set<std::string> active;
  for (const auto& row : tracker.active(at(100'000))) active.insert(row.facts->request_id);
  std::uint64_t errors = 0;
  for (const auto& [id, outcome] : expected.ended) errors += is_error(outcome) ? 1 : 0;

  EXPECT_EQ(active, expected.active) << when;
  EXPECT_EQ(tracker.counts().ended, expected.ended.size()) << when;
  EXPECT_EQ(tracker.totals().summary().counters.total.errors, errors) << when;
  EXPECT_EQ(tracker.totals().summary().counters.total.output_tokens, expected.ended.size() * 20);
  ASSERT_EQ(tracker.proxies().size(), 1u);
  EXPECT_EQ(tracker.proxies()[0].undeclared_gaps, expected.missing) << when;
  EXPECT_EQ(tracker.broken_invariant(), "") << when;
}

TEST(TrackerOrder, EndsInTheSameStateHoweverEventsAreDuplicatedPermutedAndDropped) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    std::vector<Numbered> sent;
    for (const Numbered& one : a_history(random, 60)) {
      if (random() % 20 == 0) continue;  // dropped
      sent.push_back(one);
      if (random() % 5 == 0) sent.push_back(one);  // duplicated
    }
    sent = permuted_within(std::move(sent), 1 + random() % 40, random);
    Tracker tracker({});
    tracker.hello(hello(), at(0));

    std::int64_t ms = 0;
    for (const auto& [seq, event] : sent) {
      tracker.apply(Proxy, seq, {event}, at(++ms));
      ASSERT_EQ(tracker.broken_invariant(), "") << "seed " << seed;
    }

    expect_state(tracker, expected_of(sent), "seed " + std::to_string(seed));
  }
}

TEST(TrackerOrder, EndsInTheSameStateWhenTheLeaseRunsOutInBetween) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    const auto history = a_history(random, 40);
    const std::size_t cut = random() % history.size();
    Tracker tracker({});
    tracker.hello(hello(), at(0));
    for (std::size_t i = 0; i < cut; ++i)
      tracker.apply(Proxy, history[i].seq, {history[i].event}, at(1));
    for (int s = 0; s <= 7; ++s) tracker.tick(at(s * 1000));
    ASSERT_EQ(tracker.counts().active, 0u);
    ASSERT_EQ(tracker.broken_invariant(), "");

    for (std::size_t i = cut; i < history.size(); ++i) {
      tracker.apply(Proxy, history[i].seq, {history[i].event}, at(8000));
      ASSERT_EQ(tracker.broken_invariant(), "") << "seed " << seed;
    }

    // Those that started before the cut and did not end stay lost: lost outweighs active.
    const Expected expected = expected_of(history);
    const Expected before =
        expected_of({history.begin(), history.begin() + static_cast<std::ptrdiff_t>(cut)});
    std::uint64_t lost = 0;
    for (const auto& id : before.active) lost += expected.ended.contains(id) ? 0 : 1;
    EXPECT_EQ(tracker.counts().lost, lost) << "seed " << seed;
    EXPECT_EQ(tracker.counts().ended, expected.ended.size()) << "seed " << seed;
    EXPECT_EQ(tracker.counts().active, expected.active.size() - lost) << "seed " << seed;
  }
}

}  // namespace
}  // namespace vdm::metrics::tracker_order_test
