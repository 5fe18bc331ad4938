#include "proxy-service/catalog/disk_thread.h"

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace vdm::proxy::disk_thread_test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds Long{10'000};

/// A job that is at its work until it is let go: a disk that hangs. What it touches is its own, so
/// that it may outlive the test's disk.
class Hanging {
 public:
  void on(DiskThread& disk) {
    disk.start({.work = [gates = gates_] {
      gates->begun.set_value();
      gates->go.get_future().wait();
      gates->over.set_value();
    }});
    gates_->begun.get_future().wait();
  }
  void let_go() { gates_->go.set_value(); }
  void wait_for_its_end() { gates_->over.get_future().wait(); }

 private:
  struct Gates {
    std::promise<void> begun;
    std::promise<void> go;
    std::promise<void> over;
  };
  std::shared_ptr<Gates> gates_ = std::make_shared<Gates>();
};

TEST(DiskThread, DoesItsJobsInTheirOrderAndWhatIsToBeWrittenBeforeItEnds) {
  std::string written;
  DiskThread disk;
  Hanging hanging;
  hanging.on(disk);

  for (const char letter : {'a', 'b', 'c'}) {
    disk.start({.work = [&written, letter] { written.push_back(letter); }});
  }
  hanging.let_go();
  disk.end(Long);

  EXPECT_EQ(written, "abc");
}

TEST(DiskThread, AnswersAQuestionAfterItsWork) {
  DiskThread disk;
  std::promise<std::string> answered;
  std::string found;

  disk.start({.work = [&found] { found = "found"; },
              .answer = [&answered, &found] { answered.set_value(found); }});

  EXPECT_EQ(answered.get_future().get(), "found");
}

TEST(DiskThread, AnswersThoughTheWorkFails) {
  DiskThread disk;
  std::promise<void> answered;

  disk.start({.work = [] { throw std::runtime_error("no room"); },
              .answer = [&answered] { answered.set_value(); }});

  answered.get_future().wait();
}

TEST(DiskThread, RefusesAJobThatFindsNoRoom) {
  DiskThread disk;
  Hanging hanging;
  hanging.on(disk);

  for (std::size_t i = 0; i < DiskThread::JobsMax; ++i) EXPECT_TRUE(disk.start({.work = [] {}}));

  EXPECT_FALSE(disk.start({.work = [] {}}));
  hanging.let_go();
}

TEST(DiskThread, LeavesOutWhatNobodyWaitsForAtItsEnd) {
  std::atomic<bool> asked = false;
  DiskThread disk;
  Hanging hanging;
  hanging.on(disk);

  disk.start({.work = [&asked] { asked = true; }, .answer = [&asked] { asked = true; }});
  disk.close();
  hanging.let_go();
  disk.end(Long);

  EXPECT_FALSE(asked);
}

TEST(DiskThread, EndsThoughTheDiskDoesNotAnswer) {
  auto answered = std::make_shared<std::atomic<bool>>(false);
  Hanging hanging;
  {
    DiskThread disk;
    hanging.on(disk);
    disk.start({.work = [answered] { *answered = true; }});

    disk.end(milliseconds(10));

    EXPECT_FALSE(disk.start({.work = [] {}}));
  }
  hanging.let_go();
  hanging.wait_for_its_end();
  EXPECT_FALSE(*answered) << "what was given up is not begun";
}

}  // namespace
}  // namespace vdm::proxy::disk_thread_test
