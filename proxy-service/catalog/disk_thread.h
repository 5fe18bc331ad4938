#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

namespace vdm::proxy {

/// A thread for work that may wait for a disk, so that no I/O thread does. It starts with the first
/// job, runs the jobs in order and queues at most JobsMax of them. At its end it finishes the
/// writes; a disk that hangs for longer than EndTime loses them, with a line in the log. Thread:
/// any; close(), end() and the destructor its owner's.
class DiskThread {
 public:
  static constexpr std::size_t JobsMax = 64;
  /// How long the destructor waits for the disk.
  static constexpr std::chrono::milliseconds EndTime{2000};

  struct Job {
    std::function<void()> work;
    /// Delivers the job's result, on the disk's thread and never after close(). A job with an
    /// answer is a read; end() drops those that have not started, since nobody needs their answers
    /// any more.
    std::function<void()> answer{};
  };

  DiskThread();
  ~DiskThread() { end(EndTime); }
  DiskThread(const DiskThread&) = delete;
  DiskThread& operator=(const DiskThread&) = delete;

  /// False when the queue is full or the thread is closed.
  bool start(Job job);
  /// From now on no job starts and none is answered.
  void close();
  /// Closes, and waits at most `longest` for the remaining writes.
  void end(std::chrono::milliseconds longest);

 private:
  struct State;

  static void run(const std::shared_ptr<State>& shared);

  /// The thread's state. It is shared because a thread that hangs outlives this object.
  const std::shared_ptr<State> shared_;
  std::thread thread_;
};

/// How an I/O thread reaches the disk's thread; `post` runs a function back on that I/O thread.
struct DiskAccess {
  DiskThread& thread;
  std::function<void(std::function<void()>)> post;
};

}  // namespace vdm::proxy
