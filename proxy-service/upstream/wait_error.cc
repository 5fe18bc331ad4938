#include "proxy-service/upstream/wait_error.h"

#include <string>

namespace vdm::proxy {

Error wait_error(const WaitPoint& wait_point, const Provider& provider, std::string_view what) {
  switch (wait_point.interrupted()) {
    case Interrupt::ClientGone:
      return {ErrorKind::ClientGone, "the client closed the connection"};
    case Interrupt::Operator:
      return {ErrorKind::UpstreamRejected, "cancelled by an operator"};
    case Interrupt::Shutdown:
      return {ErrorKind::Overloaded, "the gateway is shutting down"};
    case Interrupt::None:
      break;
  }
  return {ErrorKind::UpstreamTimeout, "provider '" + provider.name + "': " + std::string(what)};
}

}  // namespace vdm::proxy
