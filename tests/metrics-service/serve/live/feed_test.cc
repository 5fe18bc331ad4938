#include "metrics-service/serve/live/feed.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::feed_test {
namespace {

using namespace scenario;

constexpr std::uint64_t Running = 2'000;
constexpr std::uint64_t Changed = 50;

std::string id_of(std::uint64_t i) { return "r" + std::to_string(i); }

/// Much runs, and a little of it changes again and again.
class FeedTest : public ::testing::Test {
 protected:
  FeedTest() {
    std::vector<Event> events;
    for (std::uint64_t i = 0; i < Running; ++i) events.push_back(started(id_of(i)));
    seq_ = tracker_.apply(Proxy, 1, events, at(0));
  }
  void go_on() {
    std::vector<Event> events;
    for (std::uint64_t i = 0; i < Changed; ++i) {
      events.push_back(progress(id_of((step_ * Changed + i) % Running), ++elapsed_, 1));
    }
    ++step_;
    seq_ = tracker_.apply(Proxy, seq_ + 1, events, at(1));
    feed_.forget();
  }

  Tracker tracker_{TrackerOptions{}};
  Feed feed_{FeedKind::Multiplexed, tracker_, {}};
  std::uint64_t seq_ = 0;
  std::uint64_t step_ = 0;
  std::int64_t elapsed_ = 0;
};

TEST_F(FeedTest, CostsWhatChangedHoweverManyReadersStandAtHoweverManyPlaces) {
  std::vector<std::uint64_t> places;
  for (int publish = 0; publish < 10; ++publish) {
    places.push_back(tracker_.revision());
    go_on();
  }
  const std::uint64_t visited = tracker_.rows_visited();

  for (int readers = 0; readers < 3; ++readers) {
    for (const std::uint64_t place : places) feed_.after(place, {}, at(1));
  }

  EXPECT_EQ(feed_.texts_made(), places.size()) << "one for all who stand at a place";
  EXPECT_EQ(feed_.rows_written(), 10 * Changed) << "each row once, whatever texts it is part of";
  EXPECT_LE(tracker_.rows_visited() - visited, (1 + 10) * 10 / 2 * Changed + places.size());
}

TEST_F(FeedTest, WritesARowAnewWhenItChangesBeforeTheNextPublish) {
  const std::uint64_t place = tracker_.revision();
  tracker_.apply(Proxy, ++seq_, {progress("r0", 10, 1)}, at(1));
  const std::uint64_t between = tracker_.revision();
  EXPECT_NE(feed_.after(place, {}, at(1)).text->find("\"output_tokens\":1,"), std::string::npos);

  tracker_.apply(Proxy, ++seq_, {progress("r0", 20, 7)}, at(2));

  EXPECT_NE(feed_.after(between, {}, at(2)).text->find("\"output_tokens\":7,"), std::string::npos);
}

}  // namespace
}  // namespace vdm::metrics::feed_test
