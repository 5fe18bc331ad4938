#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/env.h"
#include "common/base/host_port.h"
#include "common/base/result.h"

namespace vdm::cli {

/// The configuration that a service reports it would start with. Only the service reads and judges
/// it: vdm does not know what a setting means. Blocks.

struct Setting {
  std::string name;
  std::string value;
  std::string from;

  friend bool operator==(const Setting&, const Setting&) = default;
};

struct ServiceConfig {
  std::vector<Setting> settings;    ///< those the service could read, even when it reports errors
  std::vector<std::string> errors;  ///< whole lines, "vdm-proxy: PORT: expected …"

  std::string value_of(std::string_view name) const;
  /// The address at which to call it on this machine; the arguments name its host and port
  /// settings.
  std::optional<HostPort> address(std::string_view host, std::string_view port) const;
  bool lacks_a_provider() const;
  /// Whether the user has said which ingest token it has, if any.
  bool has_ingest_token() const;
  /// Whether the user has set it.
  bool is_set(std::string_view name) const;
};

/// How vdm queries and starts services. They never run in the caller's folder: a vandamme.toml of
/// some project there could send keys elsewhere.
struct ServiceCalls {
  const Env& env;
  std::filesystem::path folder;
  std::filesystem::path config_file;  ///< empty: the service reads none

  /// The command line that starts the service, or runs it with `flag`. NotFound: the program is not
  /// installed.
  Result<std::vector<std::string>> command(std::string_view service, std::string_view flag) const;
};

/// Creates the folder of run_directory() and decides which configuration file the services read.
Result<ServiceCalls> service_calls(const Env& env, const std::string& config_flag);

Result<ServiceConfig> ask_config(const ServiceCalls& calls, std::string_view service);

/// Parses the output of --show-config. Pure.
std::vector<Setting> parse_settings(std::string_view text);
std::vector<std::string> lines_of(std::string_view text);

}  // namespace vdm::cli
