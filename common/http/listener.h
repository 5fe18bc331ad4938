#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "common/http/io_thread.h"

namespace vdm::http {

/// Accepts connections on one address, sets TCP_NODELAY and passes each socket to its callback. A
/// shortage of file descriptors pauses it; only close() ends it. Thread: its IoThread.
class Listener {
 public:
  using OnSocket = std::function<void(net::ip::tcp::socket)>;

  /// Binds and listens at once; it begins to accept when the thread runs. `host` is a name or an
  /// address; `port` 0 takes a free port. The error's message is one line that names the address
  /// and says what to do.
  static Result<std::unique_ptr<Listener>> open(IoThread& thread, const std::string& host,
                                                std::uint16_t port, OnSocket on_socket);

  ~Listener();

  /// The port that open() bound.
  std::uint16_t port() const;
  /// "127.0.0.1:8083" or "[::1]:8083".
  std::string address() const;

  /// Stops accepting and frees the address. The destructor does the same.
  void close();

 private:
  struct State;
  explicit Listener(std::shared_ptr<State> state);
  static Awaitable<void> accept_forever(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;  ///< shared only with the coroutine that accepts
};

}  // namespace vdm::http
