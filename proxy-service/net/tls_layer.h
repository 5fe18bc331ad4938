#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "proxy-service/net/buffer_sequence.h"

namespace vdm::proxy {

/// TLS on a non-blocking socket: OpenSSL uses the descriptor directly, so that a
/// read or write that is possible completes at once. It never waits; the returned
/// Step tells the caller what to wait for. Thread: its IoThread.
class TlsLayer {
 public:
  enum class Step { Done, WantRead, WantWrite, Ended, Failed };

  /// Owns `ssl`, which has this connection's host name and verification set.
  TlsLayer(SSL* ssl, int descriptor);

  Step handshake();
  /// Sets `done` to how many bytes it read or wrote; Done when that is at least one.
  Step read(char* to, std::size_t size, std::size_t& done);
  Step write(BufferSequence& buffers, char* gather, std::size_t gather_size, std::size_t& done);
  /// Sends close_notify, if that is possible without waiting.
  void close_quietly();

  bool reused() const { return SSL_session_reused(ssl_.get()) == 1; }
  /// After Failed: the reason that OpenSSL or the verification gives; no text of the peer's.
  std::string error() const { return error_; }

 private:
  Step outcome(int returned);

  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, Free> ssl_;
  std::string error_;
  bool established_ = false;
};

}  // namespace vdm::proxy
