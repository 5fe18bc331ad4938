#include "proxy-service/serve/io_thread.h"

#include <exception>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

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
    : shared_(shared),
      lane_(context_, shared, index),
      work_(asio::make_work_guard(context_.get_executor())),
      timer_(context_) {}

void IoThread::start() {
  thread_ = std::thread([this] { run(); });
}

void IoThread::run() {
  schedule_tick();
  context_.run();
  done_.store(true, std::memory_order_release);
}

void IoThread::adopt(int descriptor) {
  asio::post(context_, [this, descriptor] {
    Socket socket(context_);
    boost::system::error_code fault;
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    socket.assign(address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), descriptor, fault);
    if (fault || leaving_) {
      if (fault) ::close(descriptor);
      shared_.connections.fetch_sub(1, std::memory_order_relaxed);
      return;
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    asio::co_spawn(context_, serve(std::move(socket)), log_fault);
  });
}

Task<void> IoThread::serve(Socket socket) {
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

void IoThread::schedule_tick() {
  timer_.expires_after(Tick);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled || leaving_) return;
    tick();
    schedule_tick();
  });
}

void IoThread::tick() {
  lane_.now = lane_.precise_now();
  // A session may end itself, and no other, while it is looked at.
  for (auto at = sessions_.begin(); at != sessions_.end();) (at++)->tick(lane_.now);
  if (++ticks_ % ProgressTicks == 0) {
    for (ActiveRequest& report : lane_.active) report.tick(lane_.now);
    for (const auto& pool : lane_.pools) pool->close_expired(lane_.now);
  }
  leave_if_done();
}

void IoThread::cancel(std::string request_id) {
  asio::post(context_, [this, id = std::move(request_id)] {
    for (ActiveRequest& report : lane_.active) {
      if (report.request_id() == id) return report.interrupt(Interrupt::Operator);
    }
  });
}

void IoThread::drain() {
  asio::post(context_, [this] {
    lane_.draining = true;
    for (auto at = sessions_.begin(); at != sessions_.end();) (at++)->drain();
    leave_if_done();
  });
}

void IoThread::end_all() {
  asio::post(context_, [this] {
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
  timer_.cancel();
  work_.reset();
}

}  // namespace vdm::proxy
