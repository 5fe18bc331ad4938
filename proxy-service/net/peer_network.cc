#include "proxy-service/net/peer_network.h"

#include <algorithm>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

namespace vdm::proxy {

PeerNetwork peer_network(int socket) {
  constexpr std::size_t NetworkBytes = 8;
  constexpr std::size_t MappedBytes = 12;
  PeerNetwork network{};
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return network;
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

}  // namespace vdm::proxy
