#include "common/http/listener.h"

#include <chrono>
#include <cstring>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/host_port.h"
#include "common/base/log.h"

namespace vdm::http {
namespace {

using boost::system::error_code;
using net::ip::tcp;

Error bind_error(const std::string& address, const error_code& error) {
  std::string text = "cannot listen on " + address + ": ";
  if (error == net::error::address_in_use) {
    text += "the port is in use; stop the program that has it or choose another port";
  } else if (error == net::error::access_denied) {
    text += "not permitted; choose a port above 1023";
  } else if (error.value() == EADDRNOTAVAIL) {
    text += "this machine has no such address; choose 127.0.0.1, 0.0.0.0 or one it has";
  } else {
    text += error.message();
  }
  return Error{ErrorKind::Internal, text};
}

}  // namespace

struct Listener::State {
  State(IoThread& io, tcp::acceptor bound, OnSocket handler)
      : thread(io), acceptor(std::move(bound)), on_socket(std::move(handler)) {}

  IoThread& thread;
  tcp::acceptor acceptor;
  OnSocket on_socket;
  tcp::endpoint local;
};

Result<std::unique_ptr<Listener>> Listener::open(IoThread& thread, const std::string& host,
                                                 std::uint16_t port, OnSocket on_socket) {
  const std::string address = authority({host, port});
  error_code error;
  tcp::resolver resolver(thread.context());
  const auto found = resolver.resolve(
      host, std::to_string(port), tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error || found.empty()) {
    return Error{ErrorKind::Internal, "cannot listen on " + address + ": no such host name"};
  }

  const tcp::endpoint endpoint = found.begin()->endpoint();
  tcp::acceptor acceptor(thread.context());
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) return bind_error(address, error);

  auto state = std::make_shared<State>(thread, std::move(acceptor), std::move(on_socket));
  state->local = state->acceptor.local_endpoint();
  std::unique_ptr<Listener> listener(new Listener(state));
  thread.spawn("accept on " + listener->address(), accept_forever(std::move(state)));
  return listener;
}

Listener::Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}

Listener::~Listener() { close(); }

std::uint16_t Listener::port() const { return state_->local.port(); }

std::string Listener::address() const {
  return authority({state_->local.address().to_string(), state_->local.port()});
}

void Listener::close() {
  error_code ignored;
  state_->acceptor.close(ignored);
}

Awaitable<void> Listener::accept_forever(std::shared_ptr<State> state) {
  while (state->acceptor.is_open()) {
    auto [error, socket] = co_await state->acceptor.async_accept(as_values);
    if (!error) {
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      state->on_socket(std::move(socket));
      continue;
    }
    if (error == net::error::operation_aborted || !state->acceptor.is_open()) co_return;
    // The process is out of descriptors or memory. The connection stays pending, so an immediate
    // retry would fail again and spin.
    log::warning("accept failed", {{"error", error.message()}});
    net::steady_timer pause(state->thread.context(), std::chrono::milliseconds(100));
    co_await pause.async_wait(as_values);
  }
}

}  // namespace vdm::http
