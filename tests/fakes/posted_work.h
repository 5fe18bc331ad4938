#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

namespace vdm {

/// An owner's thread by hand: what any thread posts waits until the test runs it.
class PostedWork {
 public:
  std::function<void(std::function<void()>)> post() {
    return [this](std::function<void()> work) {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(work));
      came_.notify_all();
    };
  }
  /// Waits for `count` pieces of work and does them.
  void run(std::size_t count) {
    for (; count > 0; --count) run_one();
  }
  void run_until(const bool& done) {
    while (!done) run_one();
  }

 private:
  void run_one() {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return !waiting_.empty(); });
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::function<void()>> waiting_;
};

}  // namespace vdm
