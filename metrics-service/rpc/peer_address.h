#pragma once

#include <string>

#include "common/base/ip_address.h"

namespace vdm::metrics {

/// gRPC calls the peer of a connection that it was handed "fd:17", by its end of the connection.
/// This gives that end another number, says whose the connection is, and returns the number; what
/// it keeps is the process's, as the numbers are. A number is given again as late as can be, since
/// a call may be asked for its peer after its connection has ended.
int name_peer(int descriptor, const std::string& peer);
/// The peer as its connection was named; another text as it is.
std::string peer_name(const std::string& peer);

/// The address in what gRPC calls a peer: "fd:17" that was named, "ipv4:192.0.2.1:50052",
/// "ipv6:%5B2001:db8::1%5D:50052". Not known for another text, as that of a socket in the file
/// system. Thread: any, all three.
IpAddress peer_address(const std::string& peer);

}  // namespace vdm::metrics
