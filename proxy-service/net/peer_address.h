#pragma once

#include <sys/socket.h>

#include "common/base/ip_address.h"

namespace vdm::proxy {

IpAddress peer_address(const sockaddr_storage& peer);
/// The other end of a connected socket; not known when the system does not know it any more.
IpAddress peer_address(int socket);

}  // namespace vdm::proxy
