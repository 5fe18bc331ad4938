#pragma once

#include <filesystem>
#include <string_view>

#include "common/base/env.h"

namespace vdm::cli {

/// Finds programs and their folders on the file system. Thread: any.

/// Looks in the absolute folders of PATH; empty when no folder has the program.
std::filesystem::path find_on_path(std::string_view name, const Env& env);

/// Finds one of our services: beside `vdm` itself, else on PATH.
std::filesystem::path find_service(std::string_view name, const Env& env);

/// The folder for logs and pid files of the services that vdm starts: $XDG_STATE_HOME/vandamme/run,
/// or ~/.local/state/vandamme/run. Empty without a home folder.
std::filesystem::path run_directory(const Env& env);

/// The configuration file of the services that vdm starts, unless --config names another:
/// $XDG_CONFIG_HOME/vandamme/vandamme.toml, or ~/.config/vandamme/vandamme.toml.
std::filesystem::path user_config_file(const Env& env);

}  // namespace vdm::cli
