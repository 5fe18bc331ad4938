#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/access/access_keys.h"
#include "common/access/key_throttle.h"
#include "common/access/trusted_proxies.h"
#include "common/base/clock.h"

namespace vdm {

struct KeyCheckOptions {
  AccessKeys keys = {};  ///< that do not guard: everyone may call
  TrustedProxies trusted_proxies = {};
  KeyThrottleOptions throttle = {};
};

/// Whether a caller is let in by the key.
struct KeyResult {
  bool admitted = false;
  /// The key that was shown, also when it does not admit any more; null: none of ours. It lives as
  /// long as the KeyCheck.
  const AccessKey* key = nullptr;
  /// Set: the address has shown too many wrong keys, and none counts for so long.
  std::optional<std::chrono::seconds> wait{};
};

/// Checks the key that callers of a service show, on whichever of its ports: compares digests in
/// constant time, and counts wrong keys by address. `clock` must outlive it. Thread: any.
class KeyCheck {
 public:
  KeyCheck(const KeyCheckOptions& options, const Clock& clock);

  bool required() const { return required_; }
  const AccessKeys& keys() const { return keys_; }
  const TrustedProxies& trusted_proxies() const { return trusted_proxies_; }
  /// An empty key is none: not admitted, and no guess.
  /// A key that has expired is no guess either.
  KeyResult check(std::string_view key, const IpAddress& from);
  /// What check() said of this request; counts nothing. Names no key that does not admit, since an
  /// open path tells what it is for.
  KeyResult peek(std::string_view key, const IpAddress& from) const;
  bool has_expired(const AccessKey& key) const { return key.has_expired(clock_.wall()); }

 private:
  const Clock& clock_;
  const bool required_;
  const AccessKeys keys_;
  const TrustedProxies trusted_proxies_;
  KeyThrottle throttle_;
};

}  // namespace vdm
