#include "proxy-service/config/let_in.h"

#include <algorithm>
#include <string_view>

namespace vdm::proxy {
namespace {

constexpr std::string_view Restart = "; a reload lets nobody in who was kept out: restart for that";

/// A sentence about the names that only `next` has; nothing when there are none.
void note_added(std::string_view key, const std::vector<std::string>& running,
                const std::vector<std::string>& next, std::vector<std::string>& found) {
  std::string added;
  for (const std::string& name : next) {
    if (std::ranges::find(running, name) != running.end()) continue;
    added.append(added.empty() ? "" : ", ").append("'" + name.substr(0, 80) + "'");
  }
  if (added.empty()) return;
  found.push_back(std::string(key) + ": " + added + " would come in" + std::string(Restart));
}

}  // namespace

std::vector<std::string> newly_let_in(const Config& running, const Config& next) {
  const Access& was = running.access;
  const Access& is = next.access;
  std::vector<std::string> found;
  if (!was.proxy_api_key.empty() && is.proxy_api_key.empty()) {
    found.push_back("proxy.api-key: it is gone, and anyone could call" + std::string(Restart));
  }
  note_added("proxy.allowed-hosts", was.allowed_hosts, is.allowed_hosts, found);
  note_added("proxy.allowed-origins", was.allowed_origins, is.allowed_origins, found);
  return found;
}

}  // namespace vdm::proxy
