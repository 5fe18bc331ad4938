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

#include "common/base/ip_address.h"
#include "common/base/peer_connections.h"
#include "common/http/io_thread.h"
#include "common/http/message.h"
#include "common/http/reply_writer.h"
#include "common/http/router.h"

namespace vdm::http {

/// Every limit of a connection, with its default and what the server does when a client reaches it.
/// The limits of the head (32 KiB, 100 fields, 4 KiB of target) are the defaults of
/// http1::RequestHead.
struct ServerOptions {
  std::size_t body_bytes_max = 1024 * 1024;  ///< 413, before the body is read
  std::size_t connections_max = 4096;        ///< 503
  /// Of them from one address, an IPv6 /64 being one: 503. 0 is half of them, and all for callers
  /// of this machine.
  std::size_t connections_per_address_max = 0;
  std::size_t query_parameters_max = 64;              ///< 400
  std::chrono::milliseconds header_time{10'000};      ///< 408, absolute
  std::chrono::milliseconds body_time{30'000};        ///< 408, absolute
  std::chrono::milliseconds first_byte_time{10'000};  ///< close, when nothing came yet
  std::chrono::milliseconds idle_time{75'000};        ///< close, between requests
  std::chrono::milliseconds write_time{10'000};       ///< close, when the client does not read
  int stream_send_buffer = 128 * 1024;                ///< SO_SNDBUF of a streamed answer
  std::vector<Header> common_headers = {};            ///< on every answer
  /// What a few connections beyond the maximum may ask for, once and within a second, so that a
  /// full server can still be asked how it is. Empty: there are no such connections.
  std::vector<std::string> reserved_paths = {};

  /// The session calls it with Request::host once the head is complete and answers 421 if it
  /// returns false. When unset, the server serves every host.
  std::function<bool(std::string_view host)> host_allowed = {};
  /// The authenticator. The session calls it before it finds the route and reads the body, so the
  /// request's body is empty. If it returns a Reply, the session sends that and refuses the
  /// request.
  std::function<std::optional<Reply>(const Request&)> authenticate = {};
};

class Session;

/// What an accepted connection may be used for.
enum class Seat : std::uint8_t {
  Any,
  Reserved,  ///< beyond the maximum: one question for a reserved path, within a second
};

/// What all connections of one server share: options, routes, counters, drain. Declare it before
/// the IoThread that it serves on. Thread: its IoThread.
class Server {
 public:
  Server(const Router& router, ServerOptions options)
      : router_(router), options_(std::move(options)) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const Router& router() const { return router_; }
  const ServerOptions& options() const { return options_; }

  /// Takes over an accepted socket, or answers 503 when there are `connections_max` connections, or
  /// its peer has all that it may have.
  void serve(IoThread& thread, net::ip::tcp::socket socket);

  /// Closes idle connections and ends endless streams now. Finite answers carry Connection: close;
  /// the server cancels those that still run when `grace` is over. It closes new sockets at once. A
  /// second call ends the grace at once.
  void drain(IoThread& thread, std::chrono::milliseconds grace);

  std::size_t connections() const { return sessions_.size(); }
  std::size_t open_streams() const { return open_streams_; }
  std::uint64_t requests() const { return requests_; }
  bool draining() const { return draining_; }

 private:
  friend class Session;
  friend class SocketReply;

  std::size_t most_of(const IpAddress& peer) const;
  Awaitable<void> end_after(IoThread& thread, std::chrono::milliseconds grace);

  const Router& router_;
  ServerOptions options_;
  std::list<Session*> sessions_;
  PeerConnections peers_;
  net::steady_timer* grace_ = nullptr;  ///< set while a drain waits for sessions to end
  std::size_t open_streams_ = 0;
  std::size_t turned_away_ = 0;  ///< connections that are receiving the 503
  std::uint64_t requests_ = 0;
  bool draining_ = false;
};

}  // namespace vdm::http
