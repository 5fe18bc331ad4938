#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

namespace vdm::proxy {

/// A thread for what may wait on a disk, so that no thread that serves does. Its jobs are
/// done in their order. It begins with the first of them, holds a bounded number, and at its end
/// does what is still to be written; a disk that hangs then loses it, with a line in the
/// log. Thread: any; close(), end() and the destructor its owner's.
class DiskThread {
 public:
  static constexpr std::size_t JobsMax = 64;
  /// What the end waits for a disk.
  static constexpr std::chrono::milliseconds EndTime{2000};

  struct Job {
    std::function<void()> work;
    /// Hands over what came of it. On this thread too, and never after close(). A job that has
    /// one is a question, which is left out at the end, as nobody waits for its answer any more.
    std::function<void()> answer{};
  };

  DiskThread();
  ~DiskThread() { end(EndTime); }
  DiskThread(const DiskThread&) = delete;
  DiskThread& operator=(const DiskThread&) = delete;

  /// False: there is no room for it, or this has ended.
  bool start(Job job);
  /// Nothing is started or answered any more.
  void close();
  /// Closes, and waits at most so long for what is to be written.
  void end(std::chrono::milliseconds longest);

 private:
  struct Shared;

  static void run(const std::shared_ptr<Shared>& shared);

  /// A thread that hangs outlives this object, and has nothing else.
  const std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

/// The way of one thread to the disk and back: `post` has work done on the thread that asked.
struct DiskAccess {
  DiskThread& thread;
  std::function<void(std::function<void()>)> post;
};

}  // namespace vdm::proxy
