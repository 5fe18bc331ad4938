#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/http1/request_head.h"
#include "proxy-service/completion/client_request.h"
#include "proxy-service/serve/routes.h"
#include "proxy-service/worker/client_connection.h"
#include "proxy-service/worker/worker.h"

namespace vdm::proxy {

/// The head of the request at hand, and all that follows from it alone: its route, whether the
/// client may have it, and for a completion what the provider receives of it. A client sends
/// nearly the same head with each request of a connection: ClientHead compares one that repeats
/// the last, but for the digits of its Content-Length, instead of parsing it, and keeps what
/// followed from the last one. Thread: its IoThread.
class ClientHead {
 public:
  /// What becomes of the request, as far as its head alone says.
  enum class Verdict : std::uint8_t {
    Served,
    UnknownHost,
    Preflight,  ///< a named origin's page asks what it may send
    ForeignPage,
    NoKey,
    LockedOut,  ///< too many wrong keys came from its address
    WrongRole,  ///< the key is ours, and not for this route
    WrongType,
  };

  explicit ClientHead(const http1::RequestHeadLimits& limits = {}) : head_(limits) {}

  /// The next request begins.
  void begin() { reading_ = repeated_ = false; }
  /// As RequestHead::read().
  http1::Progress read(std::string_view received);
  /// After Complete: who may have it, by the configuration of the client's worker.
  void settle(ClientConnection& client);
  /// Another configuration: its limits hold for the next heads, and what followed from the last
  /// head is worked out again.
  void limit_to(const http1::RequestHeadLimits& limits) {
    head_.limit_to(limits);
    text_.clear();
    repeated_ = false;
  }

  const http1::RequestHead& head() const { return head_; }
  /// It was compared, not read.
  bool repeated() const { return repeated_; }
  const Route& route() const { return route_; }
  /// All of it has been read and is accepted.
  bool complete() const { return head_.complete(); }
  Verdict verdict() const { return verdict_; }
  bool admitted() const { return admitted_; }
  /// Whether any key came with it, and the first digits of the hash of one that did.
  bool shows_key() const { return shows_key_; }
  const std::string& shown_label() const { return credentials_.label(); }
  /// The gateway's key that was shown, expired or not; null: none, or none is set.
  const AccessKey* key() const { return key_; }
  /// Whether it may see what a rule of the table is for, besides the route's own.
  bool may(const Permission& permission) const {
    return admitted_ && (key_ == nullptr || permission.lets(key_->role));
  }
  /// Of LockedOut: for how long.
  std::chrono::seconds wait() const { return wait_; }
  /// The named origin whose page asks; empty: none.
  std::string_view page_origin() const { return page_.origin; }
  /// The client's own credential; to be called while the head's bytes are there.
  ClientCredential own_credential(const Worker& worker);
  /// Of a completion or a count: to be called while the head's bytes are there.
  ClientRequest& request(Worker& worker);

 private:
  Verdict judge(const Worker& worker) const;
  void note_key(ClientConnection& client);
  bool does_something() const;
  bool is_preflight() const;
  bool repeats(std::string_view received);
  void keep(std::string_view head);
  AuthResult authenticate(const Worker& worker) {
    return worker.snapshot.authenticator.admit(client_keys(head_.fields()), credentials_,
                                               worker.wall_at(worker.now));
  }

  http1::RequestHead head_;
  std::string text_;  ///< the last head; empty: none is kept
  std::size_t length_at_ = 0;
  std::size_t length_size_ = 0;
  CredentialCache credentials_;
  Route route_;
  ClientRequest request_;
  bool request_read_ = false;  ///< of this head, or the one that it repeats
  Page page_;
  Verdict verdict_ = Verdict::UnknownHost;
  const AccessKey* key_ = nullptr;
  SystemTime key_expires_ = SystemTime::max();
  std::chrono::seconds wait_{0};
  std::optional<IpAddress> proven_;  ///< who showed the right key here last, as the throttle knows
  bool admitted_ = false;
  bool shows_key_ = false;
  bool first_ = true;
  bool reading_ = false;   ///< some of it has been read, so that it cannot be compared
  bool repeated_ = false;  ///< it is the last one's, but for the body's length
};

}  // namespace vdm::proxy
