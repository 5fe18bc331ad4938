#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace vdm::cli {

/// A key for somebody who calls the services. Plain data.
struct NewKey {
  std::string name{};     ///< of its table
  std::string role{};     ///< a word of RoleWords
  std::string expires{};  ///< a day or a time; empty: never
};

/// A random key that nobody can guess.
Secret random_key();

/// What `vdm keys new` prints: the key, which is shown this once, and the lines for the
/// configuration file, which hold its hash alone. An error says which word is wrong. Pure.
Result<std::string> new_key_text(const NewKey& wanted, const Secret& key);

}  // namespace vdm::cli
