#include "proxy-service/serve/io_thread.h"

#include <exception>
#include <new>
#include <utility>

#include "proxy-service/serve/log_fault.h"

namespace vdm::proxy {
namespace {

/// What a session threw while it told its client of what it had thrown.
void log_session_fault(std::exception_ptr fault) { log_fault("session failed", fault); }

/// Does `work`; what it throws concerns nobody but itself.
template <class Work>
void contain(const Work& work) {
  try {
    work();
  } catch (...) {
    log_fault("work of a thread failed", std::current_exception());
  }
}

}  // namespace

IoThread::IoThread(std::shared_ptr<ConfigSnapshot> generation, std::size_t index, DiskThread& disk)
    : server_(generation->server),
      parts_{.resolver = server_.names,
             .clock = server_.clock,
             .post = [this](std::function<void()> work) { post(std::move(work)); },
             .request_number = index},
      disk_{.thread = disk, .post = [this](std::function<void()> work) { post(std::move(work)); }},
      worker_(std::make_shared<ServingWorker>(parts_, std::move(generation), index, disk_)),
      timer_(parts_.reactor, Tick, [this] { tick(); }) {
  server_.request_counts.push_back(&parts_.counts);
}

void IoThread::start() {
  thread_ = std::thread([this] { run(); });
}

void IoThread::run() {
  while (!leaving_) {
    contain([this] { round(); });
  }
  done_.store(true, std::memory_order_release);
}

void IoThread::round() {
  const Reactor::Woken woken = parts_.reactor.wait(Reactor::ForEver);
  if (const std::exception_ptr fault = parts_.reactor.take_fault()) {
    log_fault("work of a thread failed", fault);
  }
  if (woken == Reactor::Woken::Yes) do_posted();
  parts_.lag.round_over();
}

void IoThread::post(std::function<void()> work) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(work));
  }
  parts_.reactor.wake();
}

void IoThread::do_posted() {
  std::vector<std::function<void()>> now;
  std::vector<Accepted> connected;
  {
    const std::lock_guard lock(posted_mutex_);
    now.swap(posted_);
    connected.swap(adopted_);
  }
  // Sockets before work: a drain must find every connection that was dealt here before it.
  for (Accepted& accepted : connected) take_over(std::move(accepted));
  for (const auto& work : now) contain(work);
}

void IoThread::adopt(Accepted accepted) {
  {
    const std::lock_guard lock(posted_mutex_);
    adopted_.push_back(std::move(accepted));
  }
  parts_.reactor.wake();
}

void IoThread::leave(const IpAddress& peer) {
  server_.peer_connections.give_back(peer);
  server_.connections.fetch_sub(1, std::memory_order_relaxed);
}

void IoThread::take_over(Accepted accepted) {
  const IpAddress peer = accepted.peer;
  if (leaving_) return leave(peer);
  try {
    run_detached(serve(std::move(accepted)), log_session_fault);
  } catch (const std::bad_alloc&) {  // before it began: there is no memory for a session
    leave(peer);
    log_session_fault(std::current_exception());
  }
}

Task<void> IoThread::serve(Accepted accepted) {
  struct Counted {
    IoThread& thread;
    const IpAddress peer;
    ~Counted() {
      thread.leave(peer);
      thread.leave_if_done();
    }
  };
  const Counted counted{*this, accepted.peer};
  Session session(worker_, std::move(accepted.socket), accepted.seat);
  sessions_.push_back(session);
  co_await session.run();
}

void IoThread::tick() {
  const MonotonicTime now = worker_->precise_now();
  each_worker([now](Worker& worker) { worker.set_now(now); });
  // tick() may end the session that it is called on, but no other.
  for (auto at = sessions_.begin(); at != sessions_.end();) (at++)->tick(now);
  for (Ticking* const each : ticking_) contain([each] { each->tick(); });
  if (++ticks_ % ProgressTicks == 0) {
    each_worker([now](Worker& worker) {
      for (ActiveRequest& report : worker.active) contain([&report, now] { report.tick(now); });
      worker.close_expired_connections();
    });
    worker_->put_breaker_states();
    std::erase_if(older_, [](const auto& older) { return older.expired(); });
  }
  leave_if_done();
}

void IoThread::renew(std::shared_ptr<ConfigSnapshot> generation) {
  post([this, generation = std::move(generation)] {
    const auto next =
        std::make_shared<ServingWorker>(parts_, generation, worker_->index, disk_, worker_.get());
    next->draining = draining_;
    worker_->retire();
    older_.push_back(worker_);
    for (Session& session : sessions_) session.renew(next);
    worker_ = next;
  });
}

void IoThread::cancel(std::string request_id) {
  post([this, id = std::move(request_id)] {
    ActiveRequest* found = nullptr;
    each_worker([&found, &id](Worker& worker) {
      for (ActiveRequest& report : worker.active) {
        if (report.request_id() == id) found = &report;
      }
    });
    if (found != nullptr) found->interrupt(Interrupt::Operator);
  });
}

void IoThread::begin_drain() {
  draining_ = true;
  each_worker([](Worker& worker) { worker.draining = true; });
}

void IoThread::drain() {
  post([this] {
    begin_drain();
    for (auto at = sessions_.begin(); at != sessions_.end();) (at++)->drain();
    leave_if_done();
  });
}

void IoThread::end_all() {
  post([this] {
    begin_drain();
    for (auto at = sessions_.begin(); at != sessions_.end();) {
      (at++)->interrupt(Interrupt::Shutdown);
    }
    leave_if_done();
  });
}

void IoThread::leave_if_done() {
  if (!draining_ || leaving_ || !sessions_.empty()) return;
  leaving_ = true;
  worker_->retire();
}

}  // namespace vdm::proxy
