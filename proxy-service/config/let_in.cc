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

/// What of a named key lets its holder do more than before; nothing when it does not.
std::string_view widening(const AccessKey* was, const AccessKey& is) {
  if (was == nullptr) return "it is new";
  if (was->digest != is.digest) return "it is another key";
  if (was->role != is.role) return "its role is another";
  const bool is_longer = was->expires && (!is.expires || *is.expires > *was->expires);
  return is_longer ? "it lasts longer" : "";
}

/// Named keys are added and changed by whoever owns the file: that is what they are for. From a
/// file that others can write, they are not; and a key whose end is gone looks like a file cut
/// short.
void note_keys(const Access& was, const Access& is, ConfigWriters writers,
               std::vector<std::string>& found) {
  for (const AccessKey& key : is.named_keys) {
    const auto at = std::ranges::find(was.named_keys, key.name, &AccessKey::name);
    const AccessKey* const before = at == was.named_keys.end() ? nullptr : &*at;
    if (writers == ConfigWriters::Others) {
      const auto why = widening(before, key);
      if (why.empty()) continue;
      found.push_back("keys." + key.name + ": " + std::string(why) +
                      ", and others can write the file" + std::string(Restart));
    } else if (before != nullptr && before->digest == key.digest && before->expires &&
               !key.expires) {
      found.push_back("keys." + key.name + ".expires: it is gone" + std::string(Restart));
    }
  }
}

}  // namespace

std::vector<std::string> newly_let_in(const Config& running, const Config& next,
                                      ConfigWriters writers) {
  const Access& was = running.access;
  const Access& is = next.access;
  std::vector<std::string> found;
  if (has_key(was) && !has_key(is)) {
    const std::string_view gone =
        was.proxy_api_key.empty() ? "keys: they are gone" : "proxy.api-key: it is gone";
    found.push_back(std::string(gone) + ", and anyone could call" + std::string(Restart));
  }
  note_keys(was, is, writers, found);
  note_added("proxy.allowed-hosts", was.allowed_hosts, is.allowed_hosts, found);
  note_added("proxy.allowed-origins", was.allowed_origins, is.allowed_origins, found);
  return found;
}

}  // namespace vdm::proxy
