#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "proxy-service/net/buffer_sequence.h"

namespace vdm::proxy {

/// TLS over a non-blocking socket: OpenSSL straight on the descriptor, so that a
/// read or write that can be done at once is done at once. Never waits; it says
/// what to wait for. Thread: its IoThread.
class TlsLayer {
 public:
  enum class Step { Done, WantRead, WantWrite, Ended, Failed };

  /// Takes `ssl`, made for this connection with its name and verification set.
  TlsLayer(SSL* ssl, int descriptor);

  Step handshake();
  /// `done` is how many bytes went through; Done when at least one did.
  Step read(char* to, std::size_t size, std::size_t& done);
  Step write(BufferSequence& buffers, char* gather, std::size_t gather_size, std::size_t& done);
  /// Says goodbye if that can be done without waiting.
  void close_quietly();

  bool reused() const { return SSL_session_reused(ssl_.get()) == 1; }
  /// After Failed: what OpenSSL or the verification says, without foreign text.
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
