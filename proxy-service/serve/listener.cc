#include "proxy-service/serve/listener.h"

#include <cerrno>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "proxy-service/net/name_resolver.h"

namespace vdm::proxy {
namespace {

constexpr int Backlog = 4096;
constexpr std::string_view Busy =
    "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n"
    "content-type: application/json\r\ncontent-length: 104\r\n\r\n"
    R"({"type":"error","error":{"type":"overloaded_error","message":"too many connections; try again shortly"}})";

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(ConfigSnapshot& snapshot,
                                                 std::vector<std::unique_ptr<IoThread>>& threads) {
  const Listen& listen = snapshot.config.listen;
  const NameAnswer found = look_up_blocking(listen.host);
  if (!found.addresses) {
    return Error{ErrorKind::InvalidRequest,
                 "HOST: cannot listen on '" + listen.host + "': " + found.fault};
  }
  std::unique_ptr<Listener> listener(new Listener(snapshot, threads));
  const int fault = listener->bind(tcp::endpoint(found.addresses->front(), listen.port));
  if (fault == 0) return listener;
  const std::string why =
      fault == EADDRINUSE ? "the address is in use; stop the other program or set PORT to another"
                          : std::generic_category().message(fault);
  return Error{ErrorKind::InvalidRequest,
               listen.host + ":" + std::to_string(listen.port) + ": " + why};
}

/// Zero, or the error number.
int Listener::bind(const tcp::endpoint& wanted) {
  const int family = wanted.protocol().family();
  socket_ = Descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  auto size = static_cast<socklen_t>(address_.capacity());
  const bool is_bound =
      socket_.is_open() &&
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      ::bind(socket_.get(), wanted.data(), static_cast<socklen_t>(wanted.size())) == 0 &&
      ::listen(socket_.get(), Backlog) == 0 &&
      ::getsockname(socket_.get(), address_.data(), &size) == 0;
  if (!is_bound) return errno;
  address_.resize(size);
  return 0;
}

void Listener::start() {
  IoThread& first = *threads_.front();
  first.post([this, &first] {
    if (!first.reactor().add(socket_.get(), *this)) log::error("cannot accept", {});
    first.call_each_tick(*this);
  });
}

void Listener::close(std::function<void()> closed) {
  threads_.front()->post([this, closed = std::move(closed)] {
    // To a client in the kernel's queue it is connected, and it may have sent a request.
    while (socket_.is_open() && accept_some() == Accepted::Some) {
    }
    threads_.front()->reactor().forget(*this);
    socket_.close();
    closed();
  });
}

void Listener::ready(std::uint32_t) {
  if (!socket_.is_open() || paused_) return;
  const Accepted accepted = accept_some();
  if (accepted == Accepted::Some) threads_.front()->reactor().defer(*this, EPOLLIN);
  // No descriptor or memory is free: accepting again at once would only spin; tick() tries later.
  paused_ = accepted == Accepted::Fault;
}

void Listener::tick() {
  if (std::exchange(paused_, false)) ready(EPOLLIN);
}

Listener::Accepted Listener::accept_some() {
  for (int i = 0; i < 64; ++i) {
    const int descriptor = ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return Accepted::All;
      log::error("cannot accept", {{"fault", std::generic_category().message(errno)}});
      return Accepted::Fault;
    }
    const std::size_t open = snapshot_.server.connections.fetch_add(1, std::memory_order_relaxed);
    if (open >= snapshot_.config.limits.connections_max) {
      refuse(descriptor);
      continue;
    }
    Descriptor accepted(descriptor);
    try {
      threads_[next_++ % threads_.size()]->adopt(std::move(accepted));
    } catch (const std::bad_alloc&) {
      snapshot_.server.connections.fetch_sub(1, std::memory_order_relaxed);
      log::error("cannot accept", {{"fault", "no memory"}});
      return Accepted::Fault;
    }
  }
  return Accepted::Some;
}

void Listener::refuse(int descriptor) {
  snapshot_.server.connections.fetch_sub(1, std::memory_order_relaxed);
  (void)::send(descriptor, Busy.data(), Busy.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::close(descriptor);
}

}  // namespace vdm::proxy
