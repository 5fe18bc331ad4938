#include "common/access/access_keys.h"

#include <algorithm>

namespace vdm {

AccessKey access_key(std::string name, const Secret& key, Role role) {
  return {.name = std::move(name), .digest = sha256(key.reveal()), .role = role};
}

bool AccessKeys::guard() const {
  return std::ranges::any_of(keys_, [](const AccessKey& key) { return key.role != Role::Ingest; });
}

const AccessKey* AccessKeys::find(const Sha256& digest) const {
  const AccessKey* found = nullptr;
  for (const AccessKey& key : keys_) {
    if (equal_in_constant_time(key.digest, digest)) found = &key;
  }
  return found;
}

}  // namespace vdm
