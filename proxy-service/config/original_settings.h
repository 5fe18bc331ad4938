#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/env.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// What of the original Vandamme's configuration is found here without effect. A sentence for each,
/// which says what to use instead and never shows a value.

/// Variables of the environment.
std::vector<std::string> original_variables(const Env& env, const std::vector<Provider>& providers);

/// Files that the original read and we do not: its own name for its file, in `directory` and in the
/// home directory, and .env. Looks at the disk.
std::vector<std::string> original_files(const Env& env, const std::string& directory);

/// For a key of a provider's table in the file; empty when the original has no such key.
std::string_view instead_of_original_key(std::string_view key);

}  // namespace vdm::proxy
