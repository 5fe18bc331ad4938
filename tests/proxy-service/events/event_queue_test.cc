#include "proxy-service/events/event_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace vdm::proxy::event_queue_test {
namespace {

FactsPtr facts(std::string id) {
  RequestFacts made;
  made.request_id = std::move(id);
  return std::make_shared<const RequestFacts>(std::move(made));
}

std::vector<EventRing::Record> records(EventQueue& queue) {
  std::vector<EventRing::Record> found;
  EventRing::Record record;
  while (queue.ring().next(record)) found.push_back(record);
  return found;
}

/// Records starts until there is no room for one more.
std::vector<StartRef> fill(EventQueue& queue) {
  std::vector<StartRef> starts;
  for (;;) {
    const StartRef start = queue.record(Started{facts("a")});
    if (start.place == 0) return starts;
    starts.push_back(start);
  }
}

TEST(EventQueue, GivesBackWhatWasRecordedInOrder) {
  EventQueue queue;
  for (int i = 0; i < 1000; ++i) queue.record(Started{facts(std::to_string(i))});

  const auto found = records(queue);

  ASSERT_EQ(found.size(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    RequestFacts read;
    ASSERT_TRUE(read_started(found[static_cast<std::size_t>(i)].payload, read));
    EXPECT_EQ(read.request_id, std::to_string(i));
  }
}

TEST(EventQueue, IsEmptyAfterEverythingWasTaken) {
  EventQueue queue;
  queue.record(Progressed{.request_id = "a"}, queue.record(Started{facts("a")}));
  queue.take();
  records(queue);

  const auto again = queue.take();

  EXPECT_TRUE(again.progress.empty());
  EXPECT_TRUE(records(queue).empty());
  EXPECT_EQ(queue.waiting(), 0u);
}

TEST(EventQueue, GivesAProgressOnlyWhenItsStartIsInTheRing) {
  EventQueue queue;
  const StartRef start = queue.record(Started{facts("a")});
  queue.record(Progressed{.request_id = "a", .response_bytes = 7}, start);
  queue.record(Progressed{.request_id = "b"});

  const auto taken = queue.take();

  ASSERT_EQ(taken.progress.size(), 1u);
  EXPECT_EQ(taken.progress[0].start, start.place);
  EXPECT_EQ(taken.progress[0].progressed.response_bytes, 7u);
  EXPECT_EQ(taken.dropped.progressed, 1u);
}

TEST(EventQueue, LeavesOutOfAnEndWhatItsStartSaid) {
  EventQueue queue;
  const FactsPtr of_start = facts(std::string(100, 'a'));
  const StartRef start = queue.record(Started{of_start});
  queue.record(Ended{.facts = of_start}, start);
  queue.record(Ended{.facts = facts(std::string(100, 'b'))}, start);

  const auto found = records(queue);

  RecordName same;
  RecordName other;
  ASSERT_TRUE(read_name(RecordKind::Ended, found.at(1).payload, same));
  ASSERT_TRUE(read_name(RecordKind::Ended, found.at(2).payload, other));
  EXPECT_EQ(same.start, start.place);
  EXPECT_EQ(same.facts, EndFacts::OfStart);
  EXPECT_EQ(other.facts, EndFacts::Own) << "it went to another target";
  EXPECT_LT(found[1].bytes + 100, found[2].bytes);
}

TEST(EventQueue, CountsWhatItDropsByKind) {
  EventQueue queue(1);
  const std::vector<StartRef> starts = fill(queue);
  queue.record(Ended{.facts = facts("a")}, starts.front());
  queue.record(Progressed{.request_id = "a"});

  const auto taken = queue.take();

  EXPECT_EQ(taken.dropped, (DroppedCounts{.started = 1, .progressed = 1, .ended = 1}));
  EXPECT_EQ(taken.ended, std::vector{starts.front().place});
}

TEST(EventQueue, SaysWhatItDroppedOnlyOnce) {
  EventQueue queue(1);
  fill(queue);
  queue.take();

  const auto again = queue.take();

  EXPECT_EQ(again.dropped, DroppedCounts{});
}

TEST(EventQueue, TakesMoreProgressOnlyWithinAPartOfTheBound) {
  EventQueue queue(1);
  const StartRef start = queue.record(Started{facts("a")});
  for (int i = 0; i < 100'000; ++i) queue.record(Progressed{.request_id = "a"}, start);

  const auto taken = queue.take();

  EXPECT_EQ(taken.progress.size() + taken.dropped.progressed, 100'000u);
  EXPECT_LE(taken.progress.size() * sizeof(Progressed), queue.bytes_max() / 8);
}

TEST(EventQueue, LosesNothingBetweenManyRecordersAndOneTaker) {
  EventQueue queue(128 * 1024);
  constexpr std::size_t Each = 5000;
  std::vector<std::jthread> recorders;
  for (int thread = 0; thread < 4; ++thread) {
    recorders.emplace_back([&queue] {
      for (std::size_t i = 0; i < Each; ++i) {
        const FactsPtr of_request = facts(std::to_string(i));
        while (queue.record(Started{of_request}).place == 0) std::this_thread::yield();
      }
    });
  }

  std::size_t total = 0;
  while (total < 4 * Each) {
    EventRing::Record record;
    if (!queue.ring().next(record)) continue;
    RequestFacts read;
    ASSERT_TRUE(read_started(record.payload, read));
    queue.ring().free(record.place);
    ++total;
  }

  EXPECT_EQ(queue.ring().used(), 0u);
}

}  // namespace
}  // namespace vdm::proxy::event_queue_test
