#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "common/http/message.h"

namespace vdm::http {

/// One thread, one io_context, and the work living on it. It ends by draining: release() lets
/// go of it and run() returns when nothing is left; io_context::stop() is never called.
/// Declare what its work uses before it: frames still suspended die with it.
/// Thread: post() and cancel_all() any; the rest its own, or before it runs.
class IoThread {
 public:
  explicit IoThread(std::string name);
  /// Releases, cancels what is left and joins, when start() was used.
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  net::io_context& context() { return context_; }
  const std::string& name() const { return name_; }

  /// Runs `work` here later. Any thread.
  template <class Work>
  void post(Work&& work) {
    net::post(context_, std::forward<Work>(work));
  }

  /// Starts a coroutine here. An exception that leaves it is logged under `what`;
  /// being cancelled is not one.
  void spawn(std::string what, Awaitable<void> work);

  /// Cancels (terminal) whatever spawn() started and has not ended. Any thread.
  void cancel_all();

  /// Coroutines that spawn() started and have not ended.
  std::size_t spawned() const { return spawned_.size(); }

  /// Runs on a thread of its own until released and drained.
  void start();
  /// Runs on the calling thread until released and drained.
  void run();
  /// From now on run() returns once nothing is left to do. Any thread.
  void release();
  /// Waits for the thread that start() made.
  void join();

 private:
  struct Spawned {
    net::cancellation_signal cancel;
  };

  std::string name_;
  std::list<Spawned> spawned_;  ///< outlives the context, whose frames listen to it
  net::io_context context_{1};
  std::optional<net::executor_work_guard<net::io_context::executor_type>> work_;
  std::thread thread_;
};

}  // namespace vdm::http
