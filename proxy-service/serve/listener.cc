#include "proxy-service/serve/listener.h"

#include <algorithm>
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
constexpr std::size_t HealthSeats = 32;

constexpr std::string_view Busy =
    "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n"
    "content-type: application/json\r\ncontent-length: 104\r\n\r\n"
    R"({"type":"error","error":{"type":"overloaded_error","message":"too many connections; try again shortly"}})";
constexpr std::string_view BusyAddress =
    "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n"
    "content-type: application/json\r\ncontent-length: 129\r\n\r\n"
    R"({"type":"error","error":{"type":"overloaded_error","message":"too many connections from this address; close some, or try again"}})";

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
    while (socket_.is_open() && accept_some() == Queue::More) {
    }
    threads_.front()->reactor().forget(*this);
    socket_.close();
    closed();
  });
}

void Listener::ready(std::uint32_t) {
  if (!socket_.is_open() || paused_) return;
  const Queue queue = accept_some();
  if (queue == Queue::More) threads_.front()->reactor().defer(*this, EPOLLIN);
  // No descriptor or memory is free: accepting again at once would only spin; tick() tries later.
  paused_ = queue == Queue::Fault;
}

void Listener::tick() {
  if (std::exchange(paused_, false)) ready(EPOLLIN);
}

Listener::Queue Listener::accept_some() {
  for (int i = 0; i < 64; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int descriptor = ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&peer), &size,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return Queue::Empty;
      log::error("cannot accept", {{"fault", std::generic_category().message(errno)}});
      return Queue::Fault;
    }
    try {
      take({.socket = Descriptor(descriptor), .peer = peer_address(peer)});
    } catch (const std::bad_alloc&) {
      log::error("cannot accept", {{"fault", "no memory"}});
      return Queue::Fault;
    }
  }
  return Queue::More;
}

/// Deals the connection out, or refuses it. Throws std::bad_alloc.
void Listener::take(Accepted accepted) {
  ServerState& server = snapshot_.server;
  const std::size_t connections_max = snapshot_.config.limits.connections_max;
  const std::size_t open = server.connections.load(std::memory_order_relaxed);
  if (open >= connections_max) accepted.seat = Seat::Health;
  if (open >= connections_max + HealthSeats ||
      !server.peer_connections.take(accepted.peer, most_of(accepted.peer))) {
    const std::string_view busy = open >= connections_max ? Busy : BusyAddress;
    (void)::send(accepted.socket.get(), busy.data(), busy.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  server.connections.fetch_add(1, std::memory_order_relaxed);
  const IpAddress peer = accepted.peer;
  try {
    threads_[next_++ % threads_.size()]->adopt(std::move(accepted));
  } catch (const std::bad_alloc&) {
    server.connections.fetch_sub(1, std::memory_order_relaxed);
    server.peer_connections.give_back(peer);
    throw;
  }
}

/// What is not said is half of all, so that another address gets in; who shares this machine may
/// have all.
std::size_t Listener::most_of(const IpAddress& peer) const {
  const Limits& limits = snapshot_.config.limits;
  const std::size_t all = limits.connections_max + HealthSeats;
  if (snapshot_.trusted_proxies.trusts(peer)) return all;  // many clients' connections
  if (limits.connections_per_address_max > 0) return limits.connections_per_address_max;
  return peer.is_loopback() ? all : std::max<std::size_t>(1, limits.connections_max / 2);
}

}  // namespace vdm::proxy
