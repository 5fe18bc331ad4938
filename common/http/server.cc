#include "common/http/server.h"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/log.h"
#include "common/http/session.h"

namespace vdm::http {
namespace {

constexpr std::size_t TurnedAwayMax = 64;
constexpr std::size_t ReservedSeats = 32;

IpAddress peer_of(const net::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  return error ? IpAddress{} : parse_ip_address(peer.address().to_string()).value_or(IpAddress{});
}

Awaitable<void> serve_connection(Server& server, net::ip::tcp::socket socket, IpAddress peer,
                                 Seat seat) {
  Session session(server, std::move(socket), peer, seat);
  co_await session.run();
}

}  // namespace

void Server::serve(IoThread& thread, net::ip::tcp::socket socket) {
  if (draining_) return;  // `socket` closes when the call returns
  const std::size_t open = sessions_.size();
  const std::size_t seats = options_.reserved_paths.empty() ? 0 : ReservedSeats;
  const bool has_seat = open < options_.connections_max + seats;
  const IpAddress peer = peer_of(socket);
  if (has_seat && peers_.take(peer, most_of(peer))) {
    const Seat seat = open < options_.connections_max ? Seat::Any : Seat::Reserved;
    thread.spawn("connection", serve_connection(*this, std::move(socket), peer, seat));
    return;
  }
  if (turned_away_ >= TurnedAwayMax) return;
  if (turned_away_ == 0) {
    const std::size_t maximum = has_seat ? most_of(peer) : options_.connections_max;
    log::warning(has_seat ? "too many connections from one address" : "too many connections",
                 {{"peer", text_of(peer)}, {"maximum", std::to_string(maximum)}});
  }
  ++turned_away_;
  thread.spawn("turn away", turn_away(std::move(socket), turned_away_));
}

/// What is not said is half of all, so that another address gets in; who shares this machine may
/// have all.
std::size_t Server::most_of(const IpAddress& peer) const {
  if (options_.connections_per_address_max > 0) return options_.connections_per_address_max;
  if (peer.is_loopback()) return options_.connections_max + ReservedSeats;
  return std::max<std::size_t>(1, options_.connections_max / 2);
}

void Server::drain(IoThread& thread, std::chrono::milliseconds grace) {
  if (draining_) {
    if (grace_) grace_->cancel();
    return;
  }
  draining_ = true;
  for (Session* session : sessions_) session->drain();
  thread.spawn("drain", end_after(thread, grace));
}

Awaitable<void> Server::end_after(IoThread& thread, std::chrono::milliseconds grace) {
  if (sessions_.empty()) co_return;
  net::steady_timer timer(thread.context(), grace);
  grace_ = &timer;
  co_await timer.async_wait(net::as_tuple(net::use_awaitable));
  grace_ = nullptr;
  for (Session* session : sessions_) session->end_now();
}

}  // namespace vdm::http
