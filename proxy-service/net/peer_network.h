#pragma once

#include <array>

#include <sys/socket.h>

namespace vdm::proxy {

/// A peer's address as far as it tells peers apart: an IPv4 address (mapped into IPv6), or the
/// 64-bit network of an IPv6 address, since one peer usually has all of that. All zeros when the
/// system does not know the peer any more.
using PeerNetwork = std::array<unsigned char, 16>;

PeerNetwork peer_network(const sockaddr_storage& peer);
PeerNetwork peer_network(int socket);
/// Whether it is this machine.
bool is_loopback(const PeerNetwork& peer);

}  // namespace vdm::proxy
