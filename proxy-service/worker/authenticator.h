#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/access/access_keys.h"
#include "common/base/digest.h"
#include "common/base/secret.h"
#include "common/http1/request_head.h"
#include "proxy-service/config/config.h"
#include "proxy-service/routing/client_credential.h"

namespace vdm::proxy {

/// The keys that a client sends, by the field each came in. Empty: not sent. Any of them may be
/// the gateway's, which its value tells; another is meant for a provider called with the client's.
struct ClientKeys {
  std::string_view api_key = {};  ///< x-api-key
  std::string_view bearer = {};   ///< Authorization: Bearer
  std::string_view gateway = {};  ///< x-vandamme-key, which never is for a provider
};
ClientKeys client_keys(const http1::Fields& fields);

/// The key that a connection sent last, and its digest: requests of a connection repeat
/// their key, so it is hashed once. Thread: its IoThread.
class CredentialCache {
 public:
  /// The digest of `key`; nothing when `key` is empty.
  const std::optional<Sha256>& digest(std::string_view key);
  /// The digest's first twelve digits: enough to tell clients apart, useless as a key.
  const std::string& label() const { return label_; }

 private:
  Secret key_;
  std::optional<Sha256> digest_;
  std::string label_;
};

/// What the authenticator decides about a client's keys.
struct AuthResult {
  bool admitted = false;
  ClientKeys own{};  ///< those that are not the gateway's
  /// The gateway's key that was shown, also one that has expired; null: none was, or none is set.
  /// It lives as long as the Authenticator.
  const AccessKey* key = nullptr;
};

/// Decides whom to admit, by the Host names we answer to and by the key. Thread: any.
class Authenticator {
 public:
  explicit Authenticator(const Config& config);

  bool knows_host(const http1::RequestHead& head) const;
  bool has_key() const { return guarded_; }
  /// Compares digests in constant time. Admits every client when no key is configured, and none
  /// by a key whose time is over. `shown` remembers the key that was accepted.
  AuthResult admit(const ClientKeys& keys, CredentialCache& shown, SystemTime now) const;
  /// What a client showed besides the gateway's key, to keep.
  ClientCredential credential(const ClientKeys& own) const;

 private:
  std::string_view unless_ours(std::string_view key, std::string_view shown) const;

  std::vector<std::string> hosts_;
  std::vector<SubscriptionToken> subscription_tokens_;
  AccessKeys keys_;
  bool guarded_ = false;
};

}  // namespace vdm::proxy
