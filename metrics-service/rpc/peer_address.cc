#include "metrics-service/rpc/peer_address.h"

#include <fcntl.h>
#include <unistd.h>

#include <mutex>
#include <string_view>
#include <unordered_map>

#include "common/base/percent.h"

namespace vdm::metrics {
namespace {

constexpr int FirstNumber = 1'024;
constexpr int LastNumber = 16'383;

struct NamedPeers {
  std::mutex mutex;
  int next = FirstNumber;
  std::unordered_map<std::string, std::string> names;
};

NamedPeers& named_peers() {
  static NamedPeers peers;
  return peers;
}

}  // namespace

int name_peer(int descriptor, const std::string& peer) {
  NamedPeers& peers = named_peers();
  const std::lock_guard lock(peers.mutex);
  int number = ::fcntl(descriptor, F_DUPFD_CLOEXEC, peers.next);
  if (number < 0) {  // beyond what this process may open
    peers.next = FirstNumber;
    number = ::fcntl(descriptor, F_DUPFD_CLOEXEC, peers.next);
  }
  if (number < 0) {
    number = descriptor;
  } else {
    ::close(descriptor);
    peers.next = number < LastNumber ? number + 1 : FirstNumber;
  }
  peers.names["fd:" + std::to_string(number)] = peer;
  return number;
}

std::string peer_name(const std::string& peer) {
  if (!peer.starts_with("fd:")) return peer;
  NamedPeers& peers = named_peers();
  const std::lock_guard lock(peers.mutex);
  const auto found = peers.names.find(peer);
  return found == peers.names.end() ? peer : found->second;
}

IpAddress peer_address(const std::string& peer) {
  const std::string named = peer_name(peer);
  const std::size_t colon = named.find(':');
  const std::string_view kind = std::string_view(named).substr(0, colon);
  if (kind != "ipv4" && kind != "ipv6") return {};
  const auto endpoint = percent_decoded(std::string_view(named).substr(colon + 1));
  if (!endpoint) return {};
  return parse_ip_endpoint(*endpoint).value_or(IpAddress{});
}

}  // namespace vdm::metrics
