#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "common/base/result.h"

namespace vdm::proxy {

/// The last TLS session that a provider gave us, for the next connection to resume.
class TlsSession {
 public:
  TlsSession() = default;
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession() { keep(nullptr); }

  void keep(SSL_SESSION* session) {
    if (session_ != nullptr) SSL_SESSION_free(session_);
    session_ = session;
  }
  SSL_SESSION* get() const { return session_; }

 private:
  SSL_SESSION* session_ = nullptr;
};

/// What all TLS connections to providers share: TLS 1.2 or later, the system's
/// certificate authorities (or SSL_CERT_FILE's), names verified. Thread: any.
class TlsContext {
 public:
  static Result<TlsContext> make();

  /// A new SSL object for one connection, ready for its handshake. `session` must outlive it.
  SSL* connection(const std::string& host, TlsSession& session) const;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  explicit TlsContext(SSL_CTX* context) : context_(context) {}

  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace vdm::proxy
