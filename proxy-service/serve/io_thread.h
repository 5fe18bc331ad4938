#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "proxy-service/net/interval_timer.h"
#include "proxy-service/serve/accepted.h"
#include "proxy-service/serve/session.h"
#include "proxy-service/worker/worker.h"

namespace vdm::proxy {

/// An object that the thread's tick calls, besides the sessions.
class Ticking {
 public:
  virtual void tick() = 0;

 protected:
  ~Ticking() = default;
};

/// One thread and its sessions. A connection that the listener deals to it stays here until it
/// ends. The thread waits only in its reactor; a coarse tick checks all deadlines. After drain()
/// the thread ends by itself with its last session.
/// Thread: start(), adopt(), renew(), cancel(), drain(), end_all(), post() any; the rest its own.
class IoThread {
 public:
  IoThread(std::shared_ptr<ConfigSnapshot> generation, std::size_t index, DiskThread& disk);
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void start();
  void join() { thread_.join(); }
  bool done() const { return done_.load(std::memory_order_acquire); }
  Reactor& reactor() { return parts_.reactor; }

  /// Call it from this thread; `ticking` must live as long as the thread runs.
  void call_each_tick(Ticking& ticking) { ticking_.push_back(&ticking); }

  /// Runs `work` on this thread, unless the thread has ended.
  void post(std::function<void()> work);
  /// Takes over a connection, which is counted already.
  void adopt(Accepted accepted);
  /// Requests that begin from now on use this configuration. The old one's connections to
  /// providers close as soon as they are idle.
  void renew(std::shared_ptr<ConfigSnapshot> generation);
  /// Ends a request of this thread, if it is still running.
  void cancel(std::string request_id);
  /// Ends the serving of requests: idle connections close now, the others after their answer.
  void drain();
  /// Ends all running requests now, as gateway_shutdown.
  void end_all();

 private:
  static constexpr std::chrono::milliseconds Tick{100};
  static constexpr int ProgressTicks = 5;

  void run();
  void round();
  void do_posted();
  void take_over(Accepted accepted);
  void leave(const IpAddress& peer);
  Task<void> serve(Accepted accepted);
  void tick();
  void begin_drain();
  void leave_if_done();
  /// Calls `what` with the worker in use, and with older ones that a connection still holds.
  template <class Do>
  void each_worker(Do what) {
    what(*worker_);
    for (const auto& older : older_) {
      if (const std::shared_ptr<ServingWorker> worker = older.lock()) what(*worker);
    }
  }

  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
  std::vector<Accepted> adopted_;  ///< sockets not served yet; they close with this thread
  ServerState& server_;
  WorkerResources parts_;
  const DiskAccess disk_;
  std::shared_ptr<ServingWorker> worker_;
  std::vector<std::weak_ptr<ServingWorker>> older_;
  List<Session> sessions_;
  IntervalTimer timer_;
  std::vector<Ticking*> ticking_;
  int ticks_ = 0;
  bool draining_ = false;
  bool leaving_ = false;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace vdm::proxy
