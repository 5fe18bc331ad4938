#include "proxy-service/config/load.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "proxy-service/config/knobs.h"
#include "proxy-service/config/toml_file.h"
#include "proxy-service/routing/discovery.h"
#include "proxy-service/routing/model_ref.h"
#include "proxy-service/routing/resolver.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view DefaultFile = "vandamme.toml";
constexpr std::size_t FileBytesMax = 4 * MiB;

std::string names_of(const std::vector<Provider>& providers) {
  std::string names;
  for (const Provider& provider : providers) {
    names.append(names.empty() ? "" : ", ").append(provider.name);
  }
  return names;
}

std::string url_text(const BaseUrl& url) {
  return (url.scheme == Scheme::Https ? "https://" : "http://") + url.authority + url.path_prefix;
}

std::string_view dialect_text(const Provider& provider) {
  return provider.dialect == Dialect::Anthropic ? "anthropic" : "openai";
}

/// One loading: reads in order of rising precedence, then settles what depends
/// on several settings. Collects faults and goes on.
class Loading {
 public:
  Loading(const Flags& flags, const Env& env, const Machine& machine, Origins& origins)
      : flags_(flags), env_(env), machine_(machine), origins_(origins) {}

  std::variant<Config, Faults> run() {
    Config& config = draft_.config;
    config.proxy_name = machine_.host_name;
    config.threads = machine_.cores;
    read_file();
    read_settings();
    settle_limits();
    settle_public_url();
    settle_data_dir();
    settle_times();
    find_providers();
    find_aliases();
    check_access();
    if (!faults_.empty()) return std::move(faults_);
    return std::move(config);
  }

 private:
  void read_file() {
    const std::string name = file_name(flags_);
    std::ifstream file(name, std::ios::binary);
    std::string text(FileBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.is_open() || file.bad()) {
      if (flags_.config_file) faults_.push_back("--config: cannot read '" + name + "'");
      return;
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > FileBytesMax) {
      faults_.push_back(name + ": expected at most " + std::to_string(FileBytesMax) + " bytes");
      return;
    }
    file_ = read_toml(text, name);
    std::ranges::copy(file_.faults, std::back_inserter(faults_));
    draft_.config.notices = file_.notices;
  }

  void read_settings() {
    for (const Knob& knob : knobs()) origins_.set(knob.env, knob.default_text, "default");
    for (const Knob& knob : knobs()) {
      if (const auto found = file_.settings.find(std::string(knob.toml));
          !knob.toml.empty() && found != file_.settings.end()) {
        apply(knob, knob.toml, found->second);
      }
    }
    for (const Knob& knob : knobs()) {
      if (const auto text = env_.get(knob.env)) apply(knob, knob.env, *text);
    }
    for (const Knob& knob : knobs()) {
      if (knob.env == "HOST" && flags_.host) apply(knob, "--host", *flags_.host);
      if (knob.env == "PORT" && flags_.port) apply(knob, "--port", *flags_.port);
    }
  }

  void apply(const Knob& knob, std::string_view key, const std::string& text) {
    const auto done = knob.set(draft_, key, text);
    if (!done) faults_.push_back(done.error().message);
    origins_.set(knob.env, text, origin_of(key, knob.env));
  }

  void settle_limits() {
    Limits& limits = draft_.config.limits;
    if (!draft_.all_bodies_set && machine_.memory_bytes > 0) {
      const std::size_t half = machine_.memory_bytes / 2;
      limits.all_bodies_bytes_max =
          std::max(limits.body_bytes_max, std::min(limits.all_bodies_bytes_max, half));
    }
    if (limits.all_bodies_bytes_max < limits.body_bytes_max) {
      faults_.push_back("VDM_ALL_BODIES_BYTES_MAX: expected at least VDM_BODY_BYTES_MAX (" +
                        std::to_string(limits.body_bytes_max) + "), got '" +
                        std::to_string(limits.all_bodies_bytes_max) + "'");
    }
    // Each client may need a connection upstream as well.
    const std::size_t half_of_files = machine_.files_max / 2;
    if (half_of_files > 0 && limits.connections_max > half_of_files) {
      limits.connections_max = half_of_files;
      draft_.config.notices.push_back("limits.connections: " + std::to_string(half_of_files) +
                                      ", as this process may open " +
                                      std::to_string(machine_.files_max) + " files");
    }
  }

  void settle_public_url() {
    if (draft_.public_url_set) return;
    // A wildcard is an address to listen on, not one to visit.
    const bool wildcard = draft_.metrics_host == "0.0.0.0" || draft_.metrics_host == "::";
    std::string host = wildcard ? "127.0.0.1" : draft_.metrics_host;
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    draft_.config.metrics.public_url = "http://" + host + ":" + std::to_string(draft_.metrics_port);
  }

  void settle_data_dir() {
    std::string& directory = draft_.config.data_dir;
    if (draft_.data_dir_set) return;
    if (const auto state = env_.get("XDG_STATE_HOME")) {
      directory = *state + "/vandamme";
    } else if (const auto home = env_.get("HOME")) {
      directory = *home + "/.local/state/vandamme";
    }
  }

  void settle_times() {
    const auto at_most = [this](std::string_view small, std::chrono::milliseconds less,
                                std::string_view large, std::chrono::milliseconds more) {
      if (less <= more) return;
      faults_.push_back(std::string(small) + ": expected at most " + std::string(large) + " (" +
                        std::to_string(more.count()) + "ms), got '" + std::to_string(less.count()) +
                        "ms'");
    };
    const Config& config = draft_.config;
    at_most("VDM_RETRY_BACKOFF_FIRST", config.retry.backoff_first, "VDM_RETRY_BACKOFF_MAX",
            config.retry.backoff_max);
    at_most("VDM_KEY_REST", config.key_cooldown.cooldown, "VDM_KEY_REST_MAX",
            config.key_cooldown.cooldown_max);
    at_most("VDM_BREAKER_OPEN_TIME", config.breaker.open, "VDM_BREAKER_OPEN_TIME_MAX",
            config.breaker.open_max);
  }

  void find_providers() {
    Config& config = draft_.config;
    auto found = discover_providers(env_, file_.providers,
                                    {.timeouts = config.timeouts.upstream,
                                     .http = draft_.http_upstreams,
                                     .timeout_from_env = env_.get("REQUEST_TIMEOUT").has_value(),
                                     .retries_max = config.retry.retries_max,
                                     .retries_from_env = env_.get("MAX_RETRIES").has_value()});
    config.providers = std::move(found.providers);
    for (const Provider& provider : config.providers) note_origins(provider);
    std::ranges::move(found.faults, std::back_inserter(faults_));
    std::ranges::move(found.notices, std::back_inserter(config.notices));
    providers_are_known_ = found.faults.empty();
    if (providers_are_known_ && config.providers.empty()) {
      faults_.emplace_back(
          "no provider: expected a key such as ANTHROPIC_API_KEY or OPENAI_API_KEY, found none");
      providers_are_known_ = false;
    }
  }

  void find_aliases() {
    if (!providers_are_known_) return;  // what follows would only say it again
    Config& config = draft_.config;
    AliasRules& rules = config.aliases;
    rules.aliases = aliases_from_env(env_, config.providers);
    std::ranges::move(file_.aliases, std::back_inserter(rules.aliases));
    rules.profiles = std::move(file_.profiles);
    for (const Profile& profile : rules.profiles) {
      if (!find_provider(config.providers, profile.name)) continue;
      config.notices.push_back(profile.key + ": comes before the provider of the same name");
    }
    settle_default();
    const Resolver resolver(config.providers, config.default_provider, rules);
    std::ranges::copy(resolver.findings().faults, std::back_inserter(faults_));
    std::ranges::copy(resolver.findings().notices, std::back_inserter(config.notices));
  }

  /// The default may be a profile, which comes first here as well.
  void settle_default() {
    Config& config = draft_.config;
    AliasRules& rules = config.aliases;
    if (config.default_provider.empty()) return;
    const auto profile = std::ranges::find_if(rules.profiles, [&](const Profile& each) {
      return fold(each.name) == fold(config.default_provider);
    });
    if (profile != rules.profiles.end()) {
      rules.default_profile = profile->name;
      config.default_provider.clear();
    } else if (!find_provider(config.providers, config.default_provider)) {
      std::string names = names_of(config.providers);
      for (const Profile& each : rules.profiles) names.append(", ").append(each.name);
      faults_.push_back("VDM_DEFAULT_PROVIDER: expected one of " + names + ", got '" +
                        config.default_provider.substr(0, 80) + "'");
    }
  }

  void note_origins(const Provider& provider) {
    const std::string prefix = env_prefix(provider.name);
    const auto table = std::ranges::find(
        file_.providers, prefix, [](const ProviderTable& known) { return env_prefix(known.name); });
    const auto note = [&](std::string_view suffix, std::string_view value, std::string_view key,
                          std::optional<std::string> ProviderTable::*member) {
      const std::string variable = prefix + std::string(suffix);
      const bool in_file = table != file_.providers.end() && (*table).*member;
      std::string from = in_file ? "file, " + table->name + "." + std::string(key) : "default";
      if (env_.get(variable)) from = "environment";
      origins_.set(variable, value, from);
    };
    const bool has_key = provider.auth != AuthMode::None;
    note("_API_KEY", has_key ? "set" : "", "api-key", &ProviderTable::api_key);
    note("_BASE_URL", url_text(provider.base_url), "base-url", &ProviderTable::base_url);
    note("_API_FORMAT", dialect_text(provider), "api-format", &ProviderTable::api_format);
  }

  void check_access() {
    const Config& config = draft_.config;
    const bool has_key = !config.access.proxy_api_key.empty();
    if (!has_key && !draft_.open_bind_meant && !is_loopback_host(config.listen.host)) {
      faults_.push_back("HOST: '" + config.listen.host +
                        "' can be reached from elsewhere; set PROXY_API_KEY, or "
                        "VDM_ALLOW_UNAUTHENTICATED=" +
                        std::string(OpenBindWords) + " if that is meant");
    }
  }

  const Flags& flags_;
  const Env& env_;
  const Machine& machine_;
  Origins& origins_;
  TomlFile file_;
  Draft draft_;
  Faults faults_;
  bool providers_are_known_ = false;
};

/// What --check-config prints: no key, only how many there are.
std::string summary(const Config& config) {
  std::ostringstream text;
  text << "vdm-proxy: the configuration is valid\n"
       << "listens on " << config.listen.host << ":" << config.listen.port
       << (config.access.proxy_api_key.empty() ? " without a key\n" : " with a key\n");
  for (const Provider& provider : config.providers) {
    text << "provider " << provider.name << ": " << dialect_text(provider) << " at "
         << url_text(provider.base_url) << ", " << provider.keys.size()
         << (provider.keys.size() == 1 ? " key\n" : " keys\n");
  }
  for (const std::string& notice : config.notices) text << "note: " << notice << "\n";
  return text.str();
}

}  // namespace

std::string file_name(const Flags& flags) {
  return flags.config_file.value_or(std::string(DefaultFile));
}

std::variant<Config, Faults> load(const Flags& flags, const Env& env, const Machine& machine) {
  Origins unasked;
  return load(flags, env, machine, unasked);
}

std::variant<Config, Faults> load(const Flags& flags, const Env& env, const Machine& machine,
                                  Origins& origins) {
  return Loading(flags, env, machine, origins).run();
}

std::variant<Config, Exit> load_or_explain(int argc, const char* const* argv, const Env& env) {
  constexpr int BadConfiguration = 2;
  auto parsed = parse_flags(argc, argv);
  if (auto* exit = std::get_if<Exit>(&parsed)) return std::move(*exit);

  const Flags& flags = std::get<Flags>(parsed);
  Origins origins;
  auto loaded = load(flags, env, Machine::here(), origins);
  const std::string settings = flags.show_config ? origins.text() : "";
  if (const auto* faults = std::get_if<Faults>(&loaded)) {
    std::string text;
    for (const std::string& fault : *faults) text.append("vdm-proxy: ").append(fault).append("\n");
    return Exit{BadConfiguration, std::move(text), settings};
  }
  if (flags.show_config) return Exit{0, "", settings};
  Config config = std::get<Config>(std::move(loaded));
  if (flags.check_config) return Exit{0, summary(config)};
  return config;
}

}  // namespace vdm::proxy
