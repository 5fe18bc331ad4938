#include "proxy-service/net/peer_address.h"

#include <algorithm>
#include <cstring>

#include <netinet/in.h>

namespace vdm::proxy {

IpAddress peer_address(const sockaddr_storage& peer) {
  constexpr std::size_t MappedBytes = 12;
  IpAddress found;
  if (peer.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &peer, sizeof address);
    found.bytes[10] = found.bytes[11] = 0xff;
    std::memcpy(found.bytes.data() + MappedBytes, &address.sin_addr, sizeof address.sin_addr);
  } else if (peer.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &peer, sizeof address);
    std::copy_n(address.sin6_addr.s6_addr, found.bytes.size(), found.bytes.begin());
  }
  return found;
}

IpAddress peer_address(int socket) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const bool known = ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
  return known ? peer_address(peer) : IpAddress{};
}

}  // namespace vdm::proxy
