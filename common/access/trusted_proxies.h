#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ip_address.h"

namespace vdm {

/// The proxies in front of a service that name their client in X-Forwarded-For. From anybody else
/// that field is ignored, since whoever calls can write it. Pure. Thread: any.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  /// Addresses and ranges that parse_ip_range() reads; others are left out.
  explicit TrustedProxies(const std::vector<std::string>& texts);

  bool empty() const { return ranges_.empty(); }
  bool trusts(const IpAddress& address) const;

  /// Whose request it is. `forwarded`: the fields' values in the order that they came. From a
  /// trusted peer it is the last address that is not trusted: each proxy adds at the end whom it
  /// saw, and what stands before is that client's word. Where an entry is no address, it is the
  /// proxy that wrote it.
  IpAddress client_of(const IpAddress& peer, std::span<const std::string_view> forwarded) const;

 private:
  std::vector<IpRange> ranges_;
};

}  // namespace vdm
