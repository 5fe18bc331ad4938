#pragma once

#include <string>
#include <vector>

#include "common/access/access_keys.h"
#include "common/settings/file.h"
#include "proxy-service/routing/alias.h"
#include "proxy-service/routing/discovery.h"

namespace vdm::proxy {

/// The parts of the configuration file: the settings' values, a table for each provider, aliases
/// and profiles. Names are checked here; settings' values are not.
struct ConfigFile {
  settings::FileValues values;
  std::vector<ProviderTable> providers{};
  std::vector<Alias> aliases{};  ///< each provider's own come before those for every provider
  std::vector<Profile> profiles{};
  std::vector<AccessKey> keys{};
  std::vector<std::string> notices{};
};

/// Reads the file's tables; `name` is the file's name for faults. Pure.
ConfigFile read_tables(const settings::FileNode& root, const std::string& name,
                       const settings::Settings& settings, settings::Faults& faults);

}  // namespace vdm::proxy
