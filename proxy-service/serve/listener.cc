#include "proxy-service/serve/listener.h"

#include <cerrno>
#include <new>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/ip/address.hpp>

#include "common/base/log.h"

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
  const std::string where = listen.host + ":" + std::to_string(listen.port);
  boost::system::error_code fault;
  asio::io_context resolving;
  tcp::resolver resolver(resolving);
  const auto found =
      resolver.resolve(listen.host, std::to_string(listen.port), tcp::resolver::passive, fault);
  if (fault || found.empty()) {
    return Error{ErrorKind::InvalidRequest,
                 "HOST: cannot listen on '" + listen.host + "': " + fault.message()};
  }
  std::unique_ptr<Listener> listener(new Listener(snapshot, threads));
  // Asio's acceptor binds; the socket is then watched like all of the thread's.
  tcp::acceptor acceptor(resolving);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor.open(endpoint.protocol(), fault);
  if (!fault) acceptor.set_option(asio::socket_base::reuse_address(true), fault);
  if (!fault) acceptor.bind(endpoint, fault);
  if (!fault) acceptor.listen(Backlog, fault);
  if (!fault) acceptor.non_blocking(true, fault);
  if (fault == asio::error::address_in_use) {
    return Error{ErrorKind::InvalidRequest,
                 where + ": the address is in use; stop the other program or set PORT to another"};
  }
  if (fault) return Error{ErrorKind::InvalidRequest, where + ": " + fault.message()};
  listener->address_ = acceptor.local_endpoint();
  listener->socket_ = Descriptor(acceptor.release());
  return listener;
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
    // Whoever is in the kernel's queue believes to be connected, and may have sent a request.
    while (socket_.is_open() && accept_some() == Left::Perhaps) {
    }
    threads_.front()->reactor().forget(*this);
    socket_.close();
    closed();
  });
}

void Listener::ready(std::uint32_t) {
  if (!socket_.is_open() || paused_) return;
  const Left left = accept_some();
  if (left == Left::Perhaps) threads_.front()->reactor().defer(*this, EPOLLIN);
  // No descriptor or memory is left: asking at once again would only spin.
  paused_ = left == Left::Fault;
}

void Listener::tick() {
  if (std::exchange(paused_, false)) ready(EPOLLIN);
}

Listener::Left Listener::accept_some() {
  for (int i = 0; i < 64; ++i) {
    const int descriptor = ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return Left::Nothing;
      log::error("cannot accept", {{"fault", std::generic_category().message(errno)}});
      return Left::Fault;
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
      return Left::Fault;
    }
  }
  return Left::Perhaps;
}

void Listener::refuse(int descriptor) {
  snapshot_.server.connections.fetch_sub(1, std::memory_order_relaxed);
  (void)::send(descriptor, Busy.data(), Busy.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::close(descriptor);
}

}  // namespace vdm::proxy
