#include "metrics-service/config/load.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

#include "common/base/host_port.h"
#include "common/settings/key_tables.h"
#include "metrics-service/config/settings.h"

namespace vdm::metrics {
namespace {

namespace fs = std::filesystem;

constexpr settings::Program Metrics{"vdm-metrics",
                                    "what every proxy is doing, live and as history."};
constexpr std::string_view Table = "metrics";

fs::path dashboard_beside(const fs::path& program) {
  const fs::path bin = program.parent_path();
  std::error_code ignored;
  // The installed layout is <prefix>/bin and <prefix>/share, the build's is
  // <source>/build/<preset>/bin.
  for (const fs::path& candidate : {bin / "../share/vandamme/dashboard", bin / "dashboard",
                                    bin / "../../../dashboard-web/dist"}) {
    if (fs::exists(candidate / "index.html", ignored)) return candidate.lexically_normal();
  }
  return "dashboard-web/dist";
}

fs::path default_directory(const Env& env) {
  if (const auto state = env.get("XDG_STATE_HOME")) return fs::path(*state) / "vandamme";
  if (const auto home = env.get("HOME")) return fs::path(*home) / ".local/state/vandamme";
  return {};
}

/// Loads one configuration: reads the sources in order of rising precedence, then settles what
/// depends on several settings. On a fault it notes the fault and continues.
class Loading {
 public:
  Loading(const CommandLine& line, const Env& env, ValueSources& sources)
      : line_(line), env_(env), sources_(sources) {}

  std::variant<Config, Faults> run(const fs::path& program) {
    Config& config = draft_.config;
    settings::apply(settings_, read_file(), env_, line_, sources_, faults_);
    if (!sources_.is_set("VDM_METRICS_API_KEY")) {
      config.access.key = draft_.proxy_key;
      config.access.key_role = Role::Admin;
    }
    if (!sources_.is_set("VDM_DATA_DIR")) config.history.directory = default_directory(env_);
    if (config.history.directory.empty()) {
      config.notices.emplace_back("history is in memory alone: a restart begins with nothing");
    }
    if (config.dashboard.empty()) config.dashboard = dashboard_beside(program);
    check_binds();
    if (!faults_.empty()) return settings::as_lines(std::move(faults_));
    return std::move(config);
  }

 private:
  settings::FileValues read_file() {
    const std::string name = line_.file_name();
    const auto missing =
        line_.config_file ? settings::MissingFile::Fault : settings::MissingFile::Empty;
    const settings::FileNode root = settings::read_file(name, missing, faults_);
    if (std::string notice = settings::exposed_file(name, root); !notice.empty()) {
      draft_.config.notices.push_back(std::move(notice));
    }
    draft_.config.access.named_keys = settings::read_key_tables(root, name, faults_);
    settings::FileValues values(settings_, name);
    const settings::FileNode* table = root.find(Table);
    if (table == nullptr) return values;
    for (const auto& [key, node] : table->entries) {
      values.take(std::string(Table) + "." + key, node, faults_);
    }
    return values;
  }

  void check_binds() {
    Config& config = draft_.config;
    const bool guarded = has_key(config.access) || draft_.open_bind_meant;
    for (const auto& [key, host] :
         {std::pair<std::string, std::string>{"VDM_METRICS_HOST", config.listen.host},
          {"VDM_EVENTS_ADDRESS", config.listen.events.host}}) {
      if (guarded || is_loopback_host(host)) continue;
      faults_.push_back(key + ": '" + host +
                        "' can be reached from elsewhere; set PROXY_API_KEY, "
                        "VDM_METRICS_API_KEY or a [keys.NAME], or VDM_ALLOW_UNAUTHENTICATED=" +
                        std::string(settings::OpenBindWords) + " if that is meant");
    }
    check_ingest();
  }

  void check_ingest() {
    Config& config = draft_.config;
    const std::string& host = config.listen.ingest.host;
    const bool has_token =
        !config.ingest_token.token.empty() || !config.ingest_token.file.empty() ||
        std::ranges::any_of(config.access.named_keys,
                            [](const AccessKey& key) { return key.role == Role::Ingest; });
    const bool is_open = !is_loopback_host(host);
    if (is_open && !has_token && !draft_.open_ingest_meant) {
      faults_.push_back("VDM_INGEST_ADDRESS: '" + host +
                        "' can be reached from elsewhere; set VDM_INGEST_TOKEN_FILE or "
                        "VDM_INGEST_TOKEN, or VDM_ALLOW_OPEN_INGEST=" +
                        std::string(OpenIngestWords) + " if that is meant");
    } else if (is_open && !has_token) {
      config.notices.push_back("VDM_INGEST_ADDRESS: '" + host +
                               "' takes events from whoever reaches it; keep it on a network of "
                               "proxies alone");
    } else if (!has_token) {
      config.notices.emplace_back(
          "VDM_INGEST_ADDRESS: every program of this machine may report as a proxy; with "
          "VDM_INGEST_TOKEN_FILE only those that have the token");
    }
  }

  const CommandLine& line_;
  const Env& env_;
  ValueSources& sources_;
  ConfigDraft draft_;
  const settings::Settings settings_ = settings_of(draft_);
  Faults faults_;
};

/// The text that --check-config prints.
std::string summary(const Config& config) {
  std::ostringstream text;
  text << "vdm-metrics: the configuration is valid\n"
       << "listens on " << config.listen.host << ":" << config.listen.port
       << (has_key(config.access) ? " with a key\n" : " without a key\n");
  for (const std::string& notice : config.notices) text << "note: " << notice << "\n";
  return text.str();
}

}  // namespace

std::variant<CommandLine, EarlyExit> parse_command_line(int argc, const char* const* argv) {
  ConfigDraft draft;
  return settings::parse_command_line(Metrics, settings_of(draft), argc, argv);
}

std::variant<Config, Faults> load(const CommandLine& line, const Env& env,
                                  const fs::path& program) {
  ValueSources unasked;
  return load(line, env, program, unasked);
}

std::variant<Config, Faults> load(const CommandLine& line, const Env& env, const fs::path& program,
                                  ValueSources& sources) {
  return Loading(line, env, sources).run(program);
}

std::variant<Config, EarlyExit> load_or_explain(int argc, const char* const* argv, const Env& env) {
  const auto load_here = [&env](const CommandLine& line, ValueSources& sources) {
    std::error_code ignored;
    return load(line, env, fs::read_symlink("/proc/self/exe", ignored), sources);
  };
  return settings::load_or_explain<Config>(Metrics, parse_command_line(argc, argv), load_here,
                                           summary);
}

}  // namespace vdm::metrics
