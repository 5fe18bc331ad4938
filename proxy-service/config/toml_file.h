#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proxy-service/routing/alias.h"
#include "proxy-service/routing/discovery.h"

namespace vdm::proxy {

/// The configuration file as plain values: settings by their dotted name, and a
/// table for each provider. Which names there are is checked here; what the
/// values mean is not.
struct TomlFile {
  std::map<std::string, std::string> settings;  ///< "limits.body-bytes" -> "64MiB"
  std::vector<ProviderTable> providers;
  std::vector<Alias> aliases;  ///< a provider's own before those of every provider
  std::vector<Profile> profiles;
  std::vector<std::string> faults;
  std::vector<std::string> notices;
};

/// `name` is how the file is called in what is reported.
TomlFile read_toml(std::string_view text, const std::string& name);

}  // namespace vdm::proxy
