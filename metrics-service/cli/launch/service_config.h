#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/env.h"
#include "common/base/result.h"

namespace vdm::cli {

/// What a service says of the configuration it would start with. It is always the service
/// that reads and judges it: nothing here knows what a setting means. Blocks.

struct Setting {
  std::string name;
  std::string value;
  std::string from;

  friend bool operator==(const Setting&, const Setting&) = default;
};

struct ServiceConfig {
  std::vector<Setting> settings;    ///< as far as they were read, in spite of errors
  std::vector<std::string> errors;  ///< whole lines, "vdm-proxy: PORT: expected …"

  std::string value_of(std::string_view name) const;
  /// Where to call it on this machine, by the names of its host and port.
  std::optional<HostPort> address(std::string_view host, std::string_view port) const;
  bool lacks_a_provider() const;
};

/// How vdm asks and starts services. The folder they run in is never the one of the caller:
/// a project's own vandamme.toml could send keys elsewhere.
struct ServiceCalls {
  const Env& env;
  std::filesystem::path folder;
  std::filesystem::path config_file;  ///< empty: none

  /// NotFound: the program is nowhere. `flag` is empty to start it.
  Result<std::vector<std::string>> command(std::string_view service, std::string_view flag) const;
};

/// For vdm's own calls: makes the folder, and settles which file is read.
Result<ServiceCalls> service_calls(const Env& env, const std::string& config_flag);

Result<ServiceConfig> ask_config(const ServiceCalls& calls, std::string_view service);

/// Pure: the output of --show-config.
std::vector<Setting> parse_settings(std::string_view text);
std::vector<std::string> lines_of(std::string_view text);

}  // namespace vdm::cli
