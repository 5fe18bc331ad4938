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

/// The key a client shows: x-api-key, else Authorization: Bearer. Empty: none.
std::string_view client_key(const http1::Fields& fields);

/// The key a connection last showed, hashed once: connections repeat themselves.
/// Thread: its IoThread.
class ShownKey {
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

/// Who gets in: the Host names we answer to, and the key. Thread: any.
class Gate {
 public:
  explicit Gate(const Config& config);

  bool knows_host(const http1::RequestHead& head) const;
  /// Hashes both sides and compares in constant time. Always true without a key set.
  bool admits(const std::optional<Sha256>& key) const;
  bool has_key() const { return key_.has_value(); }

 private:
  std::vector<std::string> hosts_;
  std::optional<Sha256> key_;
};

}  // namespace vdm::proxy
