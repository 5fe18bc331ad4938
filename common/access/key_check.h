#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/access/key_throttle.h"
#include "common/access/trusted_proxies.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/secret.h"

namespace vdm {

struct KeyCheckOptions {
  Secret key = {};  ///< empty: everyone may call
  TrustedProxies trusted_proxies = {};
  KeyThrottleOptions throttle = {};
};

/// Whether a caller is let in by the key.
struct KeyResult {
  bool admitted = false;
  /// Set: the address has shown too many wrong keys, and none counts for so long.
  std::optional<std::chrono::seconds> wait{};
};

/// Checks the key that callers of a service show, on whichever of its ports: compares digests in
/// constant time, and counts wrong keys by address. `clock` must outlive it. Thread: any.
class KeyCheck {
 public:
  KeyCheck(const KeyCheckOptions& options, const Clock& clock);

  bool required() const { return required_; }
  const TrustedProxies& trusted_proxies() const { return trusted_proxies_; }
  /// An empty key is none: not admitted, and no guess.
  KeyResult check(std::string_view key, const IpAddress& from);
  /// What check() said of this request; counts nothing.
  bool admits(std::string_view key, const IpAddress& from) const;

 private:
  bool is_right(std::string_view key) const;

  const Clock& clock_;
  const bool required_;
  const Sha256 digest_;
  const TrustedProxies trusted_proxies_;
  KeyThrottle throttle_;
};

}  // namespace vdm
