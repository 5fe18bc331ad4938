#pragma once

#include <string>

#include "common/base/ip_address.h"

namespace vdm::metrics {

/// The address in what gRPC calls a peer: "ipv4:192.0.2.1:50052", "ipv6:%5B2001:db8::1%5D:50052".
/// Not known for another text, as that of a socket in the file system. Thread: any.
IpAddress peer_address(const std::string& peer);

}  // namespace vdm::metrics
