#pragma once

#include <cstdint>

#include "proxy-service/net/descriptor.h"
#include "proxy-service/net/peer_address.h"

namespace vdm::proxy {

/// What an accepted connection may be used for.
enum class Seat : std::uint8_t {
  Any,
  Health,  ///< beyond the limit on connections: one question about health, within a second
};

/// A client's connection, and who is at its other end.
struct Accepted {
  Descriptor socket;
  IpAddress peer{};
  Seat seat = Seat::Any;
};

}  // namespace vdm::proxy
