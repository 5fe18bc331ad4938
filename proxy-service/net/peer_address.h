#pragma once

#include "common/base/ip_address.h"

namespace vdm::proxy {

/// The other end of a connected socket; not known when the system does not know it any more.
IpAddress peer_address(int socket);

}  // namespace vdm::proxy
