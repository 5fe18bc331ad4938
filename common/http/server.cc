#include "common/http/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/log.h"
#include "common/http/session.h"

namespace vdm::http {
namespace {

constexpr std::size_t TurnedAwayMax = 64;

Awaitable<void> serve_connection(Server& server, net::ip::tcp::socket socket) {
  Session session(server, std::move(socket));
  co_await session.run();
}

}  // namespace

void Server::serve(IoThread& thread, net::ip::tcp::socket socket) {
  if (draining_) return;  // `socket` closes when the call returns
  if (sessions_.size() < options_.connections_max) {
    thread.spawn("connection", serve_connection(*this, std::move(socket)));
    return;
  }
  if (turned_away_ >= TurnedAwayMax) return;
  if (turned_away_ == 0) {
    log::warning("too many connections", {{"maximum", std::to_string(options_.connections_max)}});
  }
  ++turned_away_;
  thread.spawn("turn away", turn_away(std::move(socket), turned_away_));
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
