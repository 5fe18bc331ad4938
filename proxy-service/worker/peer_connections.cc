#include "proxy-service/worker/peer_connections.h"

namespace vdm::proxy {

bool PeerConnections::take(const PeerNetwork& peer, std::size_t connections_max) {
  const std::lock_guard lock(mutex_);
  std::size_t& held = held_[peer];
  if (held >= connections_max) return false;
  ++held;
  return true;
}

void PeerConnections::give_back(const PeerNetwork& peer) {
  const std::lock_guard lock(mutex_);
  const auto held = held_.find(peer);
  if (held != held_.end() && --held->second == 0) held_.erase(held);
}

std::size_t PeerConnections::peers() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

}  // namespace vdm::proxy
