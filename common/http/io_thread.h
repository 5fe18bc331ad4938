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

/// One thread, one io_context, and the work that runs on it. It ends by draining: after release(),
/// run() returns when no work remains; nothing calls io_context::stop(). Declare what the work uses
/// before the IoThread: its destructor destroys the frames that are still suspended. Thread:
/// post(), cancel_all() and release() any; the rest its own, or before it runs.
class IoThread {
 public:
  explicit IoThread(std::string name);
  /// If start() made a thread: releases it, cancels its coroutines and joins it.
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  net::io_context& context() { return context_; }
  const std::string& name() const { return name_; }

  /// Queues `work` to run on this thread. Any thread may call it.
  template <class Work>
  void post(Work&& work) {
    net::post(context_, std::forward<Work>(work));
  }

  /// Starts a coroutine on this thread. If an exception other than a cancellation escapes from it,
  /// the thread logs it under `what`.
  void spawn(std::string what, Awaitable<void> work);

  /// Cancels (terminal) every coroutine that spawn() started and that has not ended. Any thread may
  /// call it.
  void cancel_all();

  /// The number of coroutines that spawn() started and that have not ended.
  std::size_t spawned() const { return spawned_.size(); }

  /// Runs the work on a new thread until it is released and drained.
  void start();
  /// Runs the work on the calling thread until it is released and drained.
  void run();
  /// Lets run() return as soon as no work remains. Any thread may call it.
  void release();
  /// Waits for the thread that start() made.
  void join();

 private:
  struct Spawned {
    net::cancellation_signal cancel;
  };

  std::string name_;
  std::list<Spawned> spawned_;  ///< outlives the context, whose frames refer to its signals
  net::io_context context_{1};
  std::optional<net::executor_work_guard<net::io_context::executor_type>> work_;
  std::thread thread_;
};

}  // namespace vdm::http
