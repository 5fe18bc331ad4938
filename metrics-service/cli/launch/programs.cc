#include "metrics-service/cli/launch/programs.h"

#include <string>
#include <system_error>

#include <unistd.h>

namespace vdm::cli {
namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// The value of `variable` if it is an absolute path, else `below` under the home folder; empty
/// without either.
fs::path base_directory(const Env& env, std::string_view variable, std::string_view below) {
  if (const fs::path set = env.get(variable).value_or(""); set.is_absolute()) return set;
  const fs::path home = env.get("HOME").value_or("");
  return home.is_absolute() ? home / below : fs::path();
}

}  // namespace

fs::path find_on_path(std::string_view name, const Env& env) {
  const std::string path = env.get("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const fs::path folder = path.substr(at, end - at);
    if (folder.is_absolute() && is_program(folder / name)) return folder / name;
    at = end + 1;
  }
  return {};
}

fs::path find_service(std::string_view name, const Env& env) {
  std::error_code unreadable;
  const fs::path own = fs::read_symlink("/proc/self/exe", unreadable);
  if (!unreadable && is_program(own.parent_path() / name)) return own.parent_path() / name;
  return find_on_path(name, env);
}

fs::path run_directory(const Env& env) {
  const fs::path base = base_directory(env, "XDG_STATE_HOME", ".local/state");
  return base.empty() ? base : base / "vandamme/run";
}

fs::path user_config_file(const Env& env) {
  const fs::path base = base_directory(env, "XDG_CONFIG_HOME", ".config");
  return base.empty() ? base : base / "vandamme/vandamme.toml";
}

}  // namespace vdm::cli
