#include "proxy-service/net/peer_network.h"

#include <algorithm>
#include <cstring>

#include <netinet/in.h>

namespace vdm::proxy {

PeerNetwork peer_network(const sockaddr_storage& peer) {
  constexpr std::size_t NetworkBytes = 8;
  constexpr std::size_t MappedBytes = 12;
  PeerNetwork network{};
  if (peer.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &peer, sizeof address);
    network[10] = network[11] = 0xff;
    std::memcpy(network.data() + MappedBytes, &address.sin_addr, sizeof address.sin_addr);
  } else if (peer.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &peer, sizeof address);
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&address.sin6_addr);
    std::copy_n(address.sin6_addr.s6_addr, mapped ? network.size() : NetworkBytes, network.begin());
  }
  return network;
}

PeerNetwork peer_network(int socket) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const bool known = ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
  return known ? peer_network(peer) : PeerNetwork{};
}

bool is_loopback(const PeerNetwork& peer) {
  constexpr PeerNetwork Mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
  // ::1 is the only address of ::/64 that a peer can have.
  return peer == PeerNetwork{} || std::equal(peer.begin(), peer.begin() + 13, Mapped.begin());
}

}  // namespace vdm::proxy
