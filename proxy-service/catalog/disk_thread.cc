#include "proxy-service/catalog/disk_thread.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "common/base/log.h"

namespace vdm::proxy {
namespace {

void do_work(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    log::error("work on the disk failed", {{"fault", error.what()}});
  }
}

}  // namespace

struct DiskThread::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> jobs;
  std::size_t unwritten = 0;  ///< jobs to be written that are not done yet
  bool ending = false;        ///< end() was called: no job starts and no answer is delivered
  bool finished = false;      ///< the thread is about to return
};

DiskThread::DiskThread() : shared_(std::make_shared<State>()) {}

bool DiskThread::start(Job job) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->ending || shared_->jobs.size() == JobsMax) return false;
    if (!thread_.joinable()) {
      try {
        thread_ = std::thread([shared = shared_] { run(shared); });
      } catch (const std::system_error&) {
        return false;  // the system has no thread left
      }
    }
    if (!job.answer) ++shared_->unwritten;
    shared_->jobs.push_back(std::move(job));
  }
  shared_->changed.notify_all();
  return true;
}

void DiskThread::run(const std::shared_ptr<State>& shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->changed.wait(lock, [&shared] { return shared->ending || !shared->jobs.empty(); });
    if (shared->jobs.empty()) break;
    const Job job = std::move(shared->jobs.front());
    shared->jobs.pop_front();
    if (job.answer && shared->ending) continue;
    lock.unlock();
    do_work(job.work);
    lock.lock();
    // The lock is held, so after end() has returned no answer can post to the owner's threads.
    if (job.answer && !shared->ending) job.answer();
    if (!job.answer) --shared->unwritten;
  }
  shared->finished = true;
  shared->changed.notify_all();
}

void DiskThread::close() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->ending = true;
  }
  shared_->changed.notify_all();
}

void DiskThread::end(std::chrono::milliseconds longest) {
  close();
  std::unique_lock lock(shared_->mutex);
  if (!thread_.joinable()) return;
  const bool finished =
      shared_->changed.wait_for(lock, longest, [this] { return shared_->finished; });
  const std::size_t lost = shared_->unwritten;
  shared_->jobs.clear();
  lock.unlock();
  if (finished) return thread_.join();
  thread_.detach();
  log::warning("the disk does not answer; what was to be written is lost",
               {{"files", std::to_string(lost)}});
}

}  // namespace vdm::proxy
