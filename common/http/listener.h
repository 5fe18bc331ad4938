#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "common/http/io_thread.h"

namespace vdm::http {

/// Accepts on one address and hands each socket on, TCP_NODELAY set. A shortage
/// of file descriptors pauses it; nothing but close() ends it. Thread: its IoThread.
class Listener {
 public:
  using OnSocket = std::function<void(net::ip::tcp::socket)>;

  /// Binds and listens at once; accepting begins when the thread runs. `host` is a
  /// name or an address, `port` 0 takes a free one. An error is one line that names the
  /// address and says what to do.
  static Result<std::unique_ptr<Listener>> open(IoThread& thread, const std::string& host,
                                                std::uint16_t port, OnSocket on_socket);

  ~Listener();

  /// The port that was bound.
  std::uint16_t port() const;
  /// "127.0.0.1:8083" or "[::1]:8083".
  std::string address() const;

  /// Stops accepting and lets go of the address. So does the destructor.
  void close();

 private:
  struct State;
  explicit Listener(std::shared_ptr<State> state);
  static Awaitable<void> accept_forever(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;  ///< shared with the accepting coroutine alone
};

}  // namespace vdm::http
