#include "metrics-service/config/load.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include <toml++/toml.h>
#include <CLI/CLI.hpp>

#include "common/base/suggest.h"
#include "common/base/version.h"
#include "metrics-service/config/knobs.h"

namespace vdm::metrics {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view DefaultFile = "vandamme.toml";
constexpr std::string_view Table = "metrics";

/// A scalar, or a list of strings joined by commas, as it would stand in the environment.
std::optional<std::string> as_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  if (const auto* fraction = node.as_floating_point()) {
    std::ostringstream out;
    out << fraction->get();
    return out.str();
  }
  const auto* list = node.as_array();
  if (!list) return std::nullopt;
  std::string joined;
  for (const toml::node& item : *list) {
    const auto* text = item.as_string();
    if (!text) return std::nullopt;
    joined += (joined.empty() ? "" : ",") + text->get();
  }
  return joined;
}

fs::path dashboard_beside(const fs::path& program) {
  const fs::path bin = program.parent_path();
  std::error_code ignored;
  // Installed: <prefix>/bin and <prefix>/share. Built: <source>/build/<preset>/bin.
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

/// One loading: reads in order of rising precedence, then settles what depends on several
/// settings. Collects faults and goes on.
class Loading {
 public:
  Loading(const Flags& flags, const Env& env, Origins& origins)
      : flags_(flags), env_(env), origins_(origins) {}

  std::variant<Config, Faults> run(const fs::path& program) {
    read_file();
    for (const Knob& knob : knobs()) origins_.set(knob.env, knob.default_text, "default");
    for (const Knob& knob : knobs()) {
      const auto found = settings_.find(std::string(knob.toml));
      if (!knob.toml.empty() && found != settings_.end()) apply(knob, knob.toml, found->second);
    }
    for (const Knob& knob : knobs()) {
      if (const auto text = env_.get(knob.env)) apply(knob, knob.env, *text);
    }
    for (const Knob& knob : knobs()) {
      if (knob.env == "VDM_METRICS_HOST" && flags_.host) apply(knob, "--host", *flags_.host);
      if (knob.env == "VDM_METRICS_PORT" && flags_.port) apply(knob, "--port", *flags_.port);
    }
    Config& config = draft_.config;
    if (!draft_.directory_set) config.history.directory = default_directory(env_);
    if (config.history.directory.empty()) {
      config.notices.emplace_back("history is in memory alone: a restart begins with nothing");
    }
    if (config.dashboard.empty()) config.dashboard = dashboard_beside(program);
    check_binds();
    if (!faults_.empty()) return std::move(faults_);
    return std::move(config);
  }

 private:
  void read_file() {
    const std::string name = flags_.config_file.value_or(std::string(DefaultFile));
    std::ifstream file(name, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    if (!file || file.bad()) {
      if (flags_.config_file) faults_.push_back("--config: cannot read '" + name + "'");
      return;
    }
    try {
      const toml::table root = toml::parse(text.str(), name);
      if (const auto* table = root[Table].as_table()) read_table(*table, name);
    } catch (const toml::parse_error& error) {
      std::ostringstream where;
      where << name << ": " << error.description() << " (" << error.source().begin << ")";
      faults_.push_back(where.str());
    }
  }

  static std::vector<std::string_view> setting_names() {
    std::vector<std::string_view> names;
    for (const Knob& knob : knobs()) {
      if (!knob.toml.empty()) names.push_back(knob.toml);
    }
    return names;
  }

  void read_table(const toml::table& table, const std::string& file) {
    const std::vector<std::string_view> names = setting_names();
    for (const auto& [key, node] : table) {
      const std::string name = std::string(Table) + "." + std::string(key.str());
      const bool known = std::ranges::find(names, name) != names.end();
      const auto text = as_text(node);
      if (!known) {
        faults_.push_back(file + ": " + name + ": " + no_such_setting(name, "", names));
      } else if (!text) {
        faults_.push_back(file + ": " + name + ": expected a value or a list of strings");
      } else {
        settings_[name] = *text;
      }
    }
  }

  void apply(const Knob& knob, std::string_view key, const std::string& text) {
    const auto done = knob.set(draft_, key, text);
    if (!done) faults_.push_back(done.error().message);
    origins_.set(knob.env, text, origin_of(key, knob.env));
  }

  void check_binds() {
    Config& config = draft_.config;
    const bool guarded = !config.access.key.empty() || draft_.open_bind_meant;
    for (const auto& [key, host] :
         {std::pair<std::string, std::string>{"VDM_METRICS_HOST", config.listen.host},
          {"VDM_EVENTS_ADDRESS", config.listen.events.host}}) {
      if (guarded || is_loopback(host)) continue;
      faults_.push_back(key + ": '" + host +
                        "' can be reached from elsewhere; set PROXY_API_KEY or "
                        "VDM_METRICS_API_KEY, or VDM_ALLOW_UNAUTHENTICATED=" +
                        std::string(OpenBindWords) + " if that is meant");
    }
    if (!is_loopback(config.listen.ingest.host)) {
      config.notices.push_back("VDM_INGEST_ADDRESS: '" + config.listen.ingest.host +
                               "' takes events from whoever reaches it; keep it on a network of "
                               "proxies alone");
    }
  }

  const Flags& flags_;
  const Env& env_;
  Origins& origins_;
  std::map<std::string, std::string> settings_;
  Draft draft_;
  Faults faults_;
};

/// What --check-config prints.
std::string summary(const Config& config) {
  std::ostringstream text;
  text << "vdm-metrics: the configuration is valid\n"
       << "listens on " << config.listen.host << ":" << config.listen.port
       << (config.access.key.empty() ? " without a key\n" : " with a key\n");
  for (const std::string& notice : config.notices) text << "note: " << notice << "\n";
  return text.str();
}

}  // namespace

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::variant<Flags, Exit> parse_flags(int argc, const char* const* argv) {
  constexpr int BadUsage = 2;
  Flags flags;
  CLI::App app("vdm-metrics: what every proxy is doing, live and as history.");
  app.name("vdm-metrics");
  std::ostringstream version;
  version << "vdm-metrics " << Version << " (commit " << Commit << ")";
  app.set_version_flag("--version", version.str(), "Print version and commit");
  app.add_option("--config", flags.config_file, "Configuration file (default: vandamme.toml)");
  app.add_option("--host", flags.host, "Address of REST and dashboard (VDM_METRICS_HOST)");
  app.add_option("--port", flags.port, "Port of REST and dashboard (VDM_METRICS_PORT)");
  app.add_flag("--check-config", flags.check_config, "Say whether all is valid, and leave");
  app.add_flag("--show-config", flags.show_config,
               "Say what every setting is and where it came from, and leave");
  std::ostringstream settings;
  settings << "Settings, in the environment or in table [metrics] of the file:\n";
  for (const Knob& knob : knobs()) {
    settings << "  " << knob.env << ": " << knob.what;
    if (!knob.default_text.empty()) settings << " (" << knob.default_text << ")";
    settings << "\n";
  }
  app.footer(settings.str());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream faults;
    const int status = app.exit(error, out, faults);
    if (status == 0) return Exit{0, out.str()};
    return Exit{BadUsage, "vdm-metrics: " + faults.str()};
  }
  return flags;
}

std::variant<Config, Faults> load(const Flags& flags, const Env& env, const fs::path& program) {
  Origins unasked;
  return load(flags, env, program, unasked);
}

std::variant<Config, Faults> load(const Flags& flags, const Env& env, const fs::path& program,
                                  Origins& origins) {
  return Loading(flags, env, origins).run(program);
}

std::variant<Config, Exit> load_or_explain(int argc, const char* const* argv, const Env& env) {
  constexpr int BadConfiguration = 2;
  auto parsed = parse_flags(argc, argv);
  if (auto* exit = std::get_if<Exit>(&parsed)) return std::move(*exit);
  std::error_code ignored;
  const Flags& flags = std::get<Flags>(parsed);
  Origins origins;
  auto loaded = load(flags, env, fs::read_symlink("/proc/self/exe", ignored), origins);
  const std::string shown = flags.show_config ? origins.text() : "";
  if (const auto* faults = std::get_if<Faults>(&loaded)) {
    std::string text;
    for (const std::string& fault : *faults) text += "vdm-metrics: " + fault + "\n";
    return Exit{BadConfiguration, std::move(text), shown};
  }
  if (flags.show_config) return Exit{0, "", shown};
  if (flags.check_config) return Exit{0, summary(std::get<Config>(loaded))};
  return std::get<Config>(std::move(loaded));
}

int finish(const Exit& exit) {
  std::cout << exit.settings << std::flush;
  (exit.status == 0 ? std::cout : std::cerr) << exit.text << std::flush;
  return exit.status;
}

}  // namespace vdm::metrics
