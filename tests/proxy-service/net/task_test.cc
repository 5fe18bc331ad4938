#include "proxy-service/net/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "proxy-service/net/wait_point.h"

namespace vdm::proxy::task_test {
namespace {

void rethrown(std::exception_ptr) { ADD_FAILURE() << "nothing was to be thrown"; }

Task<int> doubled(int value) { co_return 2 * value; }

Task<int> sum_of(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await doubled(i);
  co_return sum;
}

Task<void> store(Task<int> task, int& result) { result = co_await std::move(task); }

TEST(Task, GivesItsResultToWhoAwaitsIt) {
  int result = 0;

  run_detached(store(sum_of(1000), result), rethrown);

  EXPECT_EQ(result, 999'000);
}

TEST(Task, DoesNotBeginBeforeItIsAwaited) {
  bool begun = false;
  const auto begin = [](bool& flag) -> Task<void> {
    flag = true;
    co_return;
  };

  { const Task<void> never = begin(begun); }

  EXPECT_FALSE(begun);
}

struct Noted {
  std::vector<std::string>& notes;
  std::string name;
  ~Noted() { notes.push_back(name); }
};

Task<void> inner(WaitPoint& wait_point, std::vector<std::string>& notes) {
  const Noted noted{notes, "inner"};
  co_await wait_point.wait();
  notes.emplace_back("woken");
}

Task<void> outer(WaitPoint& wait_point, std::vector<std::string>& notes) {
  const Noted noted{notes, "outer"};
  co_await inner(wait_point, notes);
}

TEST(Task, GoesOnWhereItIsWokenAndUnwindsFromWithin) {
  WaitPoint wait_point;
  std::vector<std::string> notes;

  run_detached(outer(wait_point, notes), rethrown);
  EXPECT_TRUE(notes.empty());
  wait_point.wake();

  EXPECT_EQ(notes, (std::vector<std::string>{"woken", "inner", "outer"}));
}

TEST(Task, WakesNobodyTwice) {
  WaitPoint wait_point;
  std::vector<std::string> notes;
  run_detached(outer(wait_point, notes), rethrown);

  wait_point.wake();
  wait_point.wake();

  EXPECT_EQ(notes.size(), 3u);
}

std::string caught;
void keep(std::exception_ptr fault) {
  try {
    std::rethrow_exception(fault);
  } catch (const std::exception& error) {
    caught = error.what();
  }
}

Task<int> failing(WaitPoint& wait_point) {
  co_await wait_point.wait();
  throw std::runtime_error("too late");
}

TEST(Task, PassesOnWhatIsThrown) {
  WaitPoint wait_point;
  int result = 7;

  run_detached(store(failing(wait_point), result), keep);
  wait_point.wake();

  EXPECT_EQ(caught, "too late");
  EXPECT_EQ(result, 7);
}

Task<std::unique_ptr<int>> made() { co_return std::make_unique<int>(5); }

Task<void> take_from(std::unique_ptr<int>& to) { to = co_await made(); }

TEST(Task, MovesWhatCannotBeCopied) {
  std::unique_ptr<int> result;

  run_detached(take_from(result), rethrown);

  ASSERT_NE(result, nullptr);
  EXPECT_EQ(*result, 5);
}

TEST(FrameMemory, GivesAFreedFrameToTheNextOfItsSize) {
  void* const first = FrameMemory::allocate(200);
  FrameMemory::release(first, 200);

  void* const second = FrameMemory::allocate(250);

  EXPECT_EQ(second, first);
  FrameMemory::release(second, 250);
}

TEST(FrameMemory, TakesFramesOfAnySize) {
  for (const std::size_t size : {1u, 128u, 129u, 4096u, 4097u, 100'000u}) {
    void* const frame = FrameMemory::allocate(size);
    static_cast<char*>(frame)[size - 1] = 'x';
    FrameMemory::release(frame, size);
  }
}

}  // namespace
}  // namespace vdm::proxy::task_test
