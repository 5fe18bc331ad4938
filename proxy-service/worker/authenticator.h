#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/digest.h"
#include "common/base/secret.h"
#include "common/http1/request_head.h"
#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// The keys a client shows: x-api-key, then Authorization: Bearer. Empty: none. With two,
/// one may be ours and the other meant for a provider that is called with the client's own.
struct ClientKeys {
  std::string_view first;
  std::string_view second;
};
ClientKeys client_keys(const http1::Fields& fields);

/// The key a connection last showed, hashed once: connections repeat themselves.
/// Thread: its IoThread.
class CredentialCache {
 public:
  /// The digest of `key`; nothing when there is none.
  const std::optional<Sha256>& digest(std::string_view key);
  /// First twelve digits of the digest: enough to tell clients apart, useless as a key.
  const std::string& label() const { return label_; }

 private:
  Secret key_;
  std::optional<Sha256> digest_;
  std::string label_;
};

/// What a gate makes of a client's keys.
struct AuthResult {
  bool admitted = false;
  std::string_view own;  ///< the key that is not ours, for providers that want the client's
};

/// Who gets in: the Host names we answer to, and the key. Thread: any.
class Authenticator {
 public:
  explicit Authenticator(const Config& config);

  bool knows_host(const http1::RequestHead& head) const;
  bool has_key() const { return key_.has_value(); }
  /// Hashes both sides and compares in constant time; whoever comes is let in without a key
  /// set. `shown` remembers the key that was accepted.
  AuthResult admit(const ClientKeys& keys, CredentialCache& shown) const;

 private:
  bool admits(const std::optional<Sha256>& key) const;

  std::vector<std::string> hosts_;
  std::optional<Sha256> key_;
};

}  // namespace vdm::proxy
