#include "proxy-service/events/event_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace vdm::proxy::event_queue_test {
namespace {

FactsPtr facts(std::string id) {
  RequestFacts made;
  made.request_id = std::move(id);
  return std::make_shared<const RequestFacts>(std::move(made));
}

std::size_t count(const EventQueue::TakenEvents& taken) {
  std::size_t total = 0;
  for (const auto& chunk : taken.chunks) total += chunk.size();
  return total;
}

TEST(EventQueue, GivesBackWhatWasRecordedInOrder) {
  EventQueue queue;
  for (int i = 0; i < 1000; ++i) queue.record(Started{facts(std::to_string(i))});

  const auto taken = queue.take_all(0);

  int expected = 0;
  for (const auto& chunk : taken.chunks) {
    for (const Event& event : chunk) {
      EXPECT_EQ(std::get<Started>(event).facts->request_id, std::to_string(expected++));
    }
  }
  EXPECT_EQ(expected, 1000);
}

TEST(EventQueue, IsEmptyAfterEverythingWasTaken) {
  EventQueue queue;
  queue.record(Started{facts("a")});
  queue.take_all(0);

  const auto again = queue.take_all(0);

  EXPECT_EQ(count(again), 0u);
  EXPECT_EQ(queue.waiting(), 0u);
}

TEST(EventQueue, CountsWhatItDropsByKind) {
  EventQueue queue(1);
  queue.record(Started{facts("a")});
  queue.record(Progressed{.request_id = "a"});
  queue.record(Progressed{.request_id = "a"});
  queue.record(Ended{.facts = facts("a")});

  const auto taken = queue.take_all(0);

  EXPECT_EQ(count(taken), 0u);
  EXPECT_EQ(taken.dropped, (DroppedCounts{.started = 1, .progressed = 2, .ended = 1}));
}

TEST(EventQueue, SaysWhatItDroppedOnlyOnce) {
  EventQueue queue(1);
  queue.record(Ended{.facts = facts("a")});
  queue.take_all(0);

  const auto again = queue.take_all(0);

  EXPECT_EQ(again.dropped, DroppedCounts{});
}

TEST(EventQueue, CountsWhatTheReporterKeepsAgainstTheBound) {
  const Event event = Started{facts("a")};
  EventQueue queue(3 * retained_bytes(event));
  queue.take_all(2 * retained_bytes(event));
  queue.record(Event(event));
  queue.record(Event(event));

  const auto taken = queue.take_all(0);

  EXPECT_EQ(count(taken), 1u);
  EXPECT_EQ(taken.dropped.started, 1u);
}

TEST(EventQueue, CountsWhatWasJustTakenUntilTheReporterSaysWhatItKept) {
  const Event event = Started{facts("a")};
  EventQueue queue(2 * retained_bytes(event));
  queue.record(Event(event));
  queue.record(Event(event));
  queue.take_all(0);

  queue.record(Event(event));

  EXPECT_EQ(queue.take_all(0).dropped.started, 1u);
}

TEST(EventQueue, LosesNothingBetweenManyRecordersAndOneTaker) {
  EventQueue queue;
  std::vector<std::jthread> recorders;
  for (int thread = 0; thread < 4; ++thread) {
    recorders.emplace_back([&queue] {
      for (int i = 0; i < 5000; ++i) queue.record(Progressed{.request_id = "a"});
    });
  }

  std::size_t total = 0;
  while (total < 20'000) total += count(queue.take_all(0));

  EXPECT_EQ(total, 20'000u);
}

}  // namespace
}  // namespace vdm::proxy::event_queue_test
