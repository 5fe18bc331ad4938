#pragma once

#include <filesystem>
#include <string_view>

#include "common/base/env.h"

namespace vdm::cli {

/// Where programs are. Asks the file system. Thread: any.

/// Found on PATH, absolute folders only; empty when it is nowhere.
std::filesystem::path find_on_path(std::string_view name, const Env& env);

/// One of our own: beside `vdm` itself, else on PATH.
std::filesystem::path find_service(std::string_view name, const Env& env);

/// Where logs and pid files of what vdm starts are: $XDG_STATE_HOME/vandamme/run, or
/// ~/.local/state/vandamme/run. Empty without a home.
std::filesystem::path run_directory(const Env& env);

/// The configuration of what vdm starts, unless --config names another:
/// $XDG_CONFIG_HOME/vandamme/vandamme.toml, or ~/.config/vandamme/vandamme.toml.
std::filesystem::path user_config_file(const Env& env);

}  // namespace vdm::cli
