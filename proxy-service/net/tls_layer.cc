#include "proxy-service/net/tls_layer.h"

#include <algorithm>
#include <cstring>

#include <openssl/err.h>
#include <openssl/x509.h>

namespace vdm::proxy {

TlsLayer::TlsLayer(SSL* ssl, int descriptor) : ssl_(ssl) {
  SSL_set_fd(ssl_.get(), descriptor);
  SSL_set_connect_state(ssl_.get());
}

TlsLayer::Step TlsLayer::outcome(int returned) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return Step::WantRead;
    case SSL_ERROR_WANT_WRITE:
      return Step::WantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Step::Ended;
    case SSL_ERROR_SYSCALL:
      error_ = "connection lost";
      established_ = false;
      return Step::Failed;
    default:
      break;
  }
  established_ = false;
  const long verified = SSL_get_verify_result(ssl_.get());
  const char* reason = verified != X509_V_OK ? X509_verify_cert_error_string(verified)
                                             : ERR_reason_error_string(ERR_peek_last_error());
  error_ = reason != nullptr ? reason : "TLS failed";
  return Step::Failed;
}

TlsLayer::Step TlsLayer::handshake() {
  ERR_clear_error();
  const int returned = SSL_do_handshake(ssl_.get());
  if (returned != 1) return outcome(returned);
  established_ = true;
  return Step::Done;
}

TlsLayer::Step TlsLayer::read(char* to, std::size_t size, std::size_t& done) {
  ERR_clear_error();
  done = 0;
  const int returned = SSL_read_ex(ssl_.get(), to, size, &done);
  return returned == 1 ? Step::Done : outcome(returned);
}

TlsLayer::Step TlsLayer::write(BufferSequence& buffers, char* gather, std::size_t gather_size,
                               std::size_t& done) {
  ERR_clear_error();
  // Gathers the buffers, so that a head and a small body share one record and one system call.
  std::size_t gathered = 0;
  const iovec* part = buffers.data();
  for (std::size_t i = 0; i < buffers.count() && gathered < gather_size; ++i, ++part) {
    const std::size_t step = std::min(part->iov_len, gather_size - gathered);
    std::memcpy(gather + gathered, part->iov_base, step);
    gathered += step;
  }
  done = 0;
  const int returned = SSL_write_ex(ssl_.get(), gather, gathered, &done);
  return returned == 1 ? Step::Done : outcome(returned);
}

void TlsLayer::close_quietly() {
  if (!established_) return;
  ERR_clear_error();
  (void)SSL_shutdown(ssl_.get());  // waits for no answer: the socket closes next
}

}  // namespace vdm::proxy
