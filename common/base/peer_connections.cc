#include "common/base/peer_connections.h"

namespace vdm {

bool PeerConnections::take(const IpAddress& peer, std::size_t connections_max) {
  const std::lock_guard lock(mutex_);
  std::size_t& held = held_[peer.network()];
  if (held >= connections_max) return false;
  ++held;
  return true;
}

void PeerConnections::give_back(const IpAddress& peer) {
  const std::lock_guard lock(mutex_);
  const auto held = held_.find(peer.network());
  if (held != held_.end() && --held->second == 0) held_.erase(held);
}

std::size_t PeerConnections::peers() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

}  // namespace vdm
