#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/access/role.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/secret.h"

namespace vdm {

/// A key that somebody may show, as its hash.
struct AccessKey {
  std::string name;  ///< of its table, or of the setting that holds it
  Sha256 digest{};
  Role role = Role::Client;
  std::optional<SystemTime> expires{};  ///< from then on it opens nothing; nothing: never

  bool has_expired(SystemTime now) const { return expires && now >= *expires; }
  /// What tells clients apart in lists: the digest's first twelve digits.
  std::string label() const { return hex_prefix(digest, 12); }

  friend bool operator==(const AccessKey&, const AccessKey&) = default;
};

/// The key that a setting holds, by the setting's name.
AccessKey access_key(std::string name, const Secret& key, Role role);

/// The keys of a service. Pure. Thread: any; constant once made.
class AccessKeys {
 public:
  AccessKeys() = default;
  explicit AccessKeys(std::vector<AccessKey> keys) : keys_(std::move(keys)) {}

  /// Whether any key lets somebody call; if not, everybody may. Keys of Role::Ingest open only the
  /// way in for proxies' reports.
  bool guard() const;
  /// The key of that hash, expired or not; null: none. Looks at every key, in constant time each.
  const AccessKey* find(const Sha256& digest) const;
  const std::vector<AccessKey>& all() const { return keys_; }

 private:
  std::vector<AccessKey> keys_;
};

}  // namespace vdm
