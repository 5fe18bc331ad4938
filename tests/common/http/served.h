#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "common/http/listener.h"
#include "common/http/server.h"

namespace vdm::http {

/// A server on a thread of its own and port 0, drained when it goes.
class Served {
 public:
  explicit Served(const std::function<void(Router&)>& routes, ServerOptions options = {})
      : server_(router_, std::move(options)), thread_("server") {
    routes(router_);
    auto opened = Listener::open(thread_, "127.0.0.1", 0, [this](net::ip::tcp::socket socket) {
      server_.serve(thread_, std::move(socket));
    });
    listener_ = std::move(*opened);
    thread_.start();
  }

  ~Served() { stop(std::chrono::milliseconds(0)); }

  void stop(std::chrono::milliseconds grace) {
    if (!listener_) return;
    drain(grace);
    thread_.release();
    thread_.join();
    listener_.reset();
  }

  void drain(std::chrono::milliseconds grace) {
    thread_.post([this, grace] {
      listener_->close();
      server_.drain(thread_, grace);
    });
  }

  /// Runs `look` on the server's thread and hands back what it returns.
  template <class Look>
  auto ask(Look look) {
    std::promise<decltype(look(server_))> promise;
    auto answer = promise.get_future();
    thread_.post([&] { promise.set_value(look(server_)); });
    return answer.get();
  }

  /// Waits, by asking again and again, until `holds` does.
  void until(const std::function<bool(const Server&)>& holds) {
    while (!ask([&](Server& server) { return holds(server); })) std::this_thread::yield();
  }

  std::uint16_t port() const { return listener_->port(); }
  IoThread& thread() { return thread_; }

 private:
  Router router_;
  Server server_;
  IoThread thread_;
  std::unique_ptr<Listener> listener_;
};

/// A blocking client that sends exactly what it is told. Answers are read with
/// Beast's parser, so that ours is not its own judge.
class Client {
 public:
  using Answer = boost::beast::http::response<boost::beast::http::string_body>;

  explicit Client(std::uint16_t port, int receive_buffer = 0) : socket_(context_) {
    socket_.open(net::ip::tcp::v4());
    if (receive_buffer > 0) {
      socket_.set_option(net::socket_base::receive_buffer_size(receive_buffer));
    }
    socket_.connect({net::ip::address_v4::loopback(), port});
    socket_.set_option(net::ip::tcp::no_delay(true));
  }

  void send(std::string_view bytes) {
    boost::system::error_code ignored;  // a refused client may be cut off while it sends
    net::write(socket_, net::buffer(bytes.data(), bytes.size()), ignored);
  }

  Answer answer() {
    Answer answer;
    boost::system::error_code error;
    boost::beast::http::read(socket_, buffer_, answer, error);
    if (error) answer.result(0u);
    return answer;
  }

  Answer ask(std::string_view bytes) {
    send(bytes);
    return answer();
  }

  /// Reads until `end` has come or the connection has ended; all that came.
  std::string read_until(std::string_view end) {
    std::string text;
    char byte = 0;
    boost::system::error_code error;
    while (end.empty() || text.find(end) == std::string::npos) {
      if (socket_.read_some(net::buffer(&byte, 1), error) == 0 || error) break;
      text += byte;
    }
    return text;
  }
  std::string read_to_end() { return read_until({}); }

  /// Whether the server has closed; waits for it to.
  bool closed() { return read_to_end().empty(); }

  void half_close() { socket_.shutdown(net::ip::tcp::socket::shutdown_send); }
  void close() { socket_.close(); }
  net::ip::tcp::socket& socket() { return socket_; }

 private:
  net::io_context context_;
  net::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

inline std::string get(std::string_view target, std::string_view more = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) +
         "\r\n";
}

inline Handler answering(std::string text) {
  return [text](const Request&, ReplyWriter& reply) -> Awaitable<void> {
    co_await reply.text(200, text);
  };
}

}  // namespace vdm::http
