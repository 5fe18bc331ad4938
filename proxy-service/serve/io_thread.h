#pragma once

#include <atomic>
#include <string>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include "proxy-service/serve/lane.h"
#include "proxy-service/serve/session.h"

namespace vdm::proxy {

/// One thread, one io_context, and the sessions living on it. A connection that
/// was dealt here stays for life. The one timer is a coarse tick that looks at all
/// deadlines. It ends by itself when it has been drained: nothing is stopped.
/// Thread: start(), adopt(), cancel(), drain(), end_all() any; the rest its own.
class IoThread {
 public:
  IoThread(Shared& shared, std::size_t index);
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void start();
  void join() { thread_.join(); }
  bool done() const { return done_.load(std::memory_order_acquire); }
  asio::io_context& context() { return context_; }

  /// Takes over a connected socket.
  void adopt(int descriptor);
  /// Ends a request of this thread, if it is still running.
  void cancel(std::string request_id);
  /// No new requests: idle connections close now, the others after their answer.
  void drain();
  /// Whatever runs ends now, as gateway_shutdown.
  void end_all();

 private:
  static constexpr std::chrono::milliseconds Tick{100};
  static constexpr int ProgressTicks = 5;

  void run();
  Task<void> serve(Socket socket);
  void schedule_tick();
  void tick();
  void leave_if_done();

  Shared& shared_;
  /// Posts come from any thread; sockets are this thread's alone and need no lock.
  asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  Lane lane_;
  asio::executor_work_guard<Executor> work_;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer_;
  List<Session> sessions_;
  int ticks_ = 0;
  bool leaving_ = false;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace vdm::proxy
