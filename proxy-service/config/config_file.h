#pragma once

#include <string>
#include <vector>

#include "common/settings/file.h"
#include "proxy-service/routing/alias.h"
#include "proxy-service/routing/discovery.h"

namespace vdm::proxy {

/// The configuration file's parts: values of settings, and a table for each provider. Which names
/// there are is checked here; what the settings' values mean is not.
struct ConfigFile {
  settings::FileValues values;
  std::vector<ProviderTable> providers{};
  std::vector<Alias> aliases{};  ///< a provider's own before those of every provider
  std::vector<Profile> profiles{};
  std::vector<std::string> notices{};
};

/// `name` is how the file is called in what is reported. Pure.
ConfigFile read_tables(const settings::FileNode& root, const std::string& name,
                       const settings::Settings& settings, settings::Faults& faults);

}  // namespace vdm::proxy
