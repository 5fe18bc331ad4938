#pragma once

#include <string>
#include <string_view>

#include "common/access/access_keys.h"

namespace vdm {

/// The keys of a service that has one, an admin's unless said.
inline AccessKeys one_key(std::string_view key, Role role = Role::Admin) {
  return AccessKeys({access_key("the-key", Secret(std::string(key)), role)});
}

/// A key for each role, which is its role's word, and one of an admin whose time is over.
inline constexpr std::string_view ExpiredKey = "expired";
inline std::vector<AccessKey> key_of_each_role() {
  std::vector<AccessKey> keys;
  for (const Role role : AllRoles) {
    const std::string word(word_of(role));
    keys.push_back(access_key(word, Secret(word), role));
  }
  keys.push_back(access_key("old", Secret(std::string(ExpiredKey)), Role::Admin));
  keys.back().expires = SystemTime(std::chrono::seconds(1));
  return keys;
}

}  // namespace vdm
