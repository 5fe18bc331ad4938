#include "metrics-service/cli/launch/service_config.h"

#include <algorithm>
#include <system_error>

#include "common/base/host_port.h"
#include "metrics-service/cli/launch/child.h"
#include "metrics-service/cli/launch/programs.h"

namespace vdm::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view NoFile = "/dev/null";

}  // namespace

std::string ServiceConfig::value_of(std::string_view name) const {
  const auto found = std::ranges::find(settings, name, &Setting::name);
  return found == settings.end() ? std::string() : found->value;
}

std::optional<HostPort> ServiceConfig::address(std::string_view host, std::string_view port) const {
  const auto number = parse_port(port, value_of(port));
  const std::string name = value_of(host);
  if (!number || name.empty()) return std::nullopt;
  return HostPort{callable_host(name), *number};
}

bool ServiceConfig::lacks_a_provider() const {
  return std::ranges::any_of(
      errors, [](const std::string& error) { return error.find(": no provider: ") != error.npos; });
}

bool ServiceConfig::has_ingest_token() const {
  return std::ranges::any_of(settings, [](const Setting& setting) {
    return setting.name.starts_with("VDM_INGEST_TOKEN") && setting.from != "default";
  });
}

bool ServiceConfig::is_set(std::string_view name) const {
  return std::ranges::any_of(settings, [name](const Setting& setting) {
    return setting.name == name && setting.from != "default";
  });
}

Result<std::vector<std::string>> ServiceCalls::command(std::string_view service,
                                                       std::string_view flag) const {
  const fs::path program = find_service(service, env);
  if (program.empty()) {
    return Error{ErrorKind::NotFound, std::string(service) + " is neither beside vdm nor on PATH"};
  }
  // Always passed, so that the service reads no configuration from the folder it runs in.
  std::vector<std::string> words{program, "--config",
                                 config_file.empty() ? std::string(NoFile) : config_file.string()};
  if (!flag.empty()) words.emplace_back(flag);
  return words;
}

Result<ServiceCalls> service_calls(const Env& env, const std::string& config_flag) {
  ServiceCalls calls{.env = env, .folder = run_directory(env), .config_file = {}};
  if (calls.folder.empty()) {
    return Error{ErrorKind::InvalidRequest, "expected HOME or XDG_STATE_HOME in the environment"};
  }
  std::error_code failed;
  fs::create_directories(calls.folder, failed);
  if (!failed) fs::permissions(calls.folder, fs::perms::owner_all, failed);
  if (failed) {
    return Error{ErrorKind::Internal, calls.folder.string() + ": " + failed.message()};
  }
  if (!config_flag.empty()) {
    calls.config_file = fs::absolute(config_flag, failed);
  } else if (const fs::path own = user_config_file(env); fs::exists(own, failed)) {
    calls.config_file = own;
  }
  return calls;
}

Result<ServiceConfig> ask_config(const ServiceCalls& calls, std::string_view service) {
  const auto command = calls.command(service, "--show-config");
  if (!command) return command.error();
  const auto output = run_program(*command, calls.folder);
  if (!output) return output.error();
  ServiceConfig config{.settings = parse_settings(output->out), .errors = lines_of(output->err)};
  if (output->status == 0) {
    config.errors.clear();
  } else if (config.errors.empty()) {
    config.errors.push_back(std::string(service) + ": ended with code " +
                            std::to_string(output->status) + " and said nothing");
  }
  return config;
}

std::vector<Setting> parse_settings(std::string_view text) {
  std::vector<Setting> settings;
  for (const std::string& line : lines_of(text)) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    if (first == line.npos || second == line.npos) continue;
    settings.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1),
                        line.substr(second + 1)});
  }
  return settings;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

}  // namespace vdm::cli
