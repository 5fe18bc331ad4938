#pragma once

#include <cstddef>
#include <map>
#include <mutex>

#include "proxy-service/net/peer_network.h"

namespace vdm::proxy {

/// How many connections each peer holds, so that none takes all of them. It remembers only peers
/// that hold one. Thread: any.
class PeerConnections {
 public:
  /// False when the peer holds so many.
  bool take(const PeerNetwork& peer, std::size_t connections_max);
  void give_back(const PeerNetwork& peer);
  std::size_t peers() const;

 private:
  mutable std::mutex mutex_;
  std::map<PeerNetwork, std::size_t> held_;
};

}  // namespace vdm::proxy
