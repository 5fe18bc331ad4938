#include "proxy-service/serve/io_thread.h"

#include <exception>
#include <utility>

#include "common/base/log.h"
#include "proxy-service/serve/model_catalog.h"

namespace vdm::proxy {
namespace {

void log_fault(std::exception_ptr fault) {
  if (!fault) return;
  try {
    std::rethrow_exception(fault);
  } catch (const std::exception& error) {
    log::error("session failed", {{"fault", error.what()}});
  }
}

}  // namespace

IoThread::IoThread(Shared& shared, std::size_t index)
    : shared_(shared), lane_(names_, reactor_, shared, index) {}

void IoThread::start() {
  thread_ = std::thread([this] { run(); });
}

void IoThread::run() {
  MonotonicTime next_tick = lane_.precise_now() + Tick;
  while (!leaving_) {
    const auto left = next_tick - lane_.precise_now();
    if (left <= left.zero()) {
      tick();
      next_tick = lane_.now + Tick;
      continue;
    }
    const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(left);
    if (reactor_.wait(rounded) == Reactor::Woken::Yes) do_posted();
    if (reactor_.impatient()) {
      names_.restart();
      names_.poll();
    }
  }
  done_.store(true, std::memory_order_release);
}

void IoThread::post(std::function<void()> work) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(work));
  }
  reactor_.wake();
}

void IoThread::do_posted() {
  std::vector<std::function<void()>> now;
  {
    const std::lock_guard lock(posted_mutex_);
    now.swap(posted_);
  }
  for (const auto& work : now) work();
}

void IoThread::adopt(int descriptor) {
  post([this, descriptor] { take_over(Descriptor(descriptor)); });
}

void IoThread::take_over(Descriptor socket) {
  if (leaving_) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  run_detached(serve(std::move(socket)), log_fault);
}

Task<void> IoThread::serve(Descriptor socket) {
  struct Counted {
    IoThread& thread;
    ~Counted() {
      thread.shared_.connections.fetch_sub(1, std::memory_order_relaxed);
      thread.leave_if_done();
    }
  };
  const Counted counted{*this};
  Session session(lane_, std::move(socket));
  sessions_.push_back(session);
  co_await session.run();
}

void IoThread::tick() {
  lane_.now = lane_.precise_now();
  // A session may end itself, and no other, while it is looked at.
  for (auto at = sessions_.begin(); at != sessions_.end();) (at++)->tick(lane_.now);
  for (Ticking* const each : ticking_) each->tick();
  if (++ticks_ % ProgressTicks == 0) {
    for (ActiveRequest& report : lane_.active) report.tick(lane_.now);
    for (const auto& pool : lane_.pools) pool->close_expired(lane_.now);
  }
  leave_if_done();
}

void IoThread::cancel(std::string request_id) {
  post([this, id = std::move(request_id)] {
    for (ActiveRequest& report : lane_.active) {
      if (report.request_id() == id) return report.interrupt(Interrupt::Operator);
    }
  });
}

void IoThread::drain() {
  post([this] {
    lane_.draining = true;
    for (auto at = sessions_.begin(); at != sessions_.end();) (at++)->drain();
    leave_if_done();
  });
}

void IoThread::end_all() {
  post([this] {
    lane_.draining = true;
    for (auto at = sessions_.begin(); at != sessions_.end();) {
      (at++)->interrupt(Interrupt::Shutdown);
    }
    leave_if_done();
  });
}

void IoThread::leave_if_done() {
  if (!lane_.draining || leaving_ || !sessions_.empty()) return;
  leaving_ = true;
  lane_.close_idle();
}

}  // namespace vdm::proxy
