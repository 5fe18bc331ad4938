#pragma once

#include <cstddef>
#include <map>
#include <mutex>

#include "common/base/ip_address.h"

namespace vdm {

/// How many connections each peer holds, so that none takes all of them; the addresses of one
/// network (see IpAddress) are one peer. It remembers only peers
/// that hold one. Thread: any.
class PeerConnections {
 public:
  /// False when the peer holds so many.
  bool take(const IpAddress& peer, std::size_t connections_max);
  void give_back(const IpAddress& peer);
  std::size_t peers() const;

 private:
  mutable std::mutex mutex_;
  std::map<IpAddress, std::size_t> held_;
};

}  // namespace vdm
