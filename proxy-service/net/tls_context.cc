#include "proxy-service/net/tls_context.h"

#include <openssl/x509v3.h>
#include <boost/asio/ip/address.hpp>

namespace vdm::proxy {
namespace {

// Where an SSL keeps the address of its TlsSession.
int session_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* const keeper = static_cast<TlsSession*>(SSL_get_ex_data(ssl, session_index()));
  if (keeper == nullptr) return 0;
  keeper->keep(session);
  return 1;  // the keeper owns the reference now
}

}  // namespace

Result<TlsContext> TlsContext::make() {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return Error{ErrorKind::Internal, "TLS: OpenSSL does not start"};
  TlsContext made(context);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // With TLS 1.2 a peer could have the keys agreed upon anew in the midst of an answer, as often
  // as it likes.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  if (SSL_CTX_set_default_verify_paths(context) != 1) {
    return Error{ErrorKind::Internal, "TLS: the system's certificate authorities cannot be read"};
  }
  return made;
}

SSL* TlsContext::connection(const std::string& host, TlsSession& session) const {
  SSL* const ssl = SSL_new(context_.get());
  if (ssl == nullptr) throw std::bad_alloc();
  boost::system::error_code not_an_address;
  (void)boost::asio::ip::make_address(host, not_an_address);
  X509_VERIFY_PARAM* const verify = SSL_get0_param(ssl);
  if (not_an_address) {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(verify, host.c_str(), host.size());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(verify, host.c_str());
  }
  SSL_set_ex_data(ssl, session_index(), &session);
  if (session.get() != nullptr) SSL_set_session(ssl, session.get());
  return ssl;
}

}  // namespace vdm::proxy
