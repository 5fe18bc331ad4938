#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/http/io_thread.h"
#include "common/http/message.h"
#include "common/http/reply_writer.h"
#include "common/http/router.h"

namespace vdm::http {

/// Every limit a connection has, with its default and what reaching it means. Those on
/// the head itself (32 KiB, 100 fields, 4 KiB of target) are the defaults of http1::RequestHead.
struct ServerOptions {
  std::size_t body_bytes_max = 1024 * 1024;       ///< 413, before it is read when declared
  std::size_t connections_max = 4096;             ///< 503
  std::size_t query_parameters_max = 64;          ///< 400
  std::chrono::milliseconds header_time{10'000};  ///< 408, absolute
  std::chrono::milliseconds body_time{30'000};    ///< 408, absolute
  std::chrono::milliseconds idle_time{75'000};    ///< close, between requests
  std::chrono::milliseconds write_time{10'000};   ///< close, a client that does not read
  int stream_send_buffer = 128 * 1024;            ///< SO_SNDBUF of a streamed answer
  std::vector<Header> common_headers = {};        ///< on every answer

  /// Asked with Request::host once the header block is complete; false is a 421.
  /// Unset: every host is served.
  std::function<bool(std::string_view host)> host_allowed = {};
  /// Asked before the body is read and before the route is looked for, with an
  /// empty body: authentication belongs here. An answer refuses the request.
  std::function<std::optional<Reply>(const Request&)> gate = {};
};

class Session;

/// What all connections of one server share: options, routes, counters, drain.
/// Declared before the IoThread it serves on. Thread: its IoThread.
class Server {
 public:
  Server(const Router& router, ServerOptions options)
      : router_(router), options_(std::move(options)) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const Router& router() const { return router_; }
  const ServerOptions& options() const { return options_; }

  /// Takes over an accepted socket; answers 503 when there are too many.
  void serve(IoThread& thread, net::ip::tcp::socket socket);

  /// Idle connections close now, endless streams end now, finite answers carry
  /// Connection: close and are cancelled when `grace` is over. New sockets are closed. A second
  /// call ends the grace at once.
  void drain(IoThread& thread, std::chrono::milliseconds grace);

  std::size_t connections() const { return sessions_.size(); }
  std::size_t open_streams() const { return open_streams_; }
  std::uint64_t requests() const { return requests_; }
  bool draining() const { return draining_; }

 private:
  friend class Session;
  friend class SocketReply;

  Awaitable<void> end_after(IoThread& thread, std::chrono::milliseconds grace);

  const Router& router_;
  ServerOptions options_;
  std::list<Session*> sessions_;
  net::steady_timer* grace_ = nullptr;  ///< runs while draining with sessions left
  std::size_t open_streams_ = 0;
  std::size_t turned_away_ = 0;  ///< connections over the maximum, being told so
  std::uint64_t requests_ = 0;
  bool draining_ = false;
};

}  // namespace vdm::http
