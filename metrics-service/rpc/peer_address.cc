#include "metrics-service/rpc/peer_address.h"

#include <string_view>

#include "common/base/percent.h"

namespace vdm::metrics {

IpAddress peer_address(const std::string& peer) {
  const std::size_t colon = peer.find(':');
  const std::string_view kind = std::string_view(peer).substr(0, colon);
  if (kind != "ipv4" && kind != "ipv6") return {};
  const auto endpoint = percent_decoded(std::string_view(peer).substr(colon + 1));
  if (!endpoint) return {};
  return parse_ip_endpoint(*endpoint).value_or(IpAddress{});
}

}  // namespace vdm::metrics
