#include "proxy-service/config/load.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "common/base/host_port.h"
#include "proxy-service/config/config_file.h"
#include "proxy-service/config/original_settings.h"
#include "proxy-service/config/settings.h"
#include "proxy-service/routing/discovery.h"
#include "proxy-service/routing/model_ref.h"
#include "proxy-service/routing/resolver.h"

namespace vdm::proxy {
namespace {

constexpr settings::Program Proxy{
    .name = "vdm-proxy",
    .about = "one address for every model provider, live on a dashboard.",
    .task = "--send-spool",
    .task_about = "Send what earlier processes left in VDM_SPOOL_DIR, and leave"};

std::string names_of(const std::vector<Provider>& providers) {
  std::string names;
  for (const Provider& provider : providers) {
    names.append(names.empty() ? "" : ", ").append(provider.name);
  }
  return names;
}

std::string_view dialect_text(const Door& door) {
  return door.dialect == Dialect::Anthropic ? "anthropic" : "openai";
}

/// "anthropic at https://…, openai at https://…"
std::string doors_text(const Provider& provider) {
  std::string text;
  for (const Door& door : provider.doors) {
    text.append(text.empty() ? "" : ", ").append(dialect_text(door));
    text.append(" at ").append(url_text(door.base_url));
  }
  return text;
}

/// Loads one configuration: reads the sources in order of rising precedence, then derives what
/// depends on several settings. After a fault it goes on, to report all faults.
class Loading {
 public:
  Loading(const CommandLine& line, const Env& env, const Machine& machine, ValueSources& sources,
          FileContent content)
      : line_(line), env_(env), machine_(machine), sources_(sources), content_(content) {}

  std::variant<Config, Faults> run() {
    Config& config = draft_.config;
    config.proxy_name = machine_.host_name;
    config.threads = machine_.cores;
    config.notices = file_.notices;
    config.access.named_keys = file_.keys;
    settings::apply(settings_, file_.values, env_, line_, sources_, faults_);
    settle_limits();
    settle_public_url();
    settle_data_dir();
    settle_times();
    config.models = read_models_file(config.models.path, faults_);
    find_providers();
    find_aliases();
    note_original();
    check_access();
    if (!faults_.empty()) return settings::as_lines(std::move(faults_));
    return std::move(config);
  }

 private:
  ConfigFile read_file() {
    const auto missing =
        line_.config_file ? settings::MissingFile::Fault : settings::MissingFile::Empty;
    const settings::FileNode root = settings::read_file(file_name_, missing, faults_);
    if (content_ == FileContent::Required && root.entries.empty() && faults_.empty()) {
      faults_.push_back(file_name_ +
                        ": it is gone or holds nothing, and the running configuration has "
                        "something from it");
    }
    ConfigFile read = read_tables(root, file_name_, settings_, faults_);
    if (std::string notice = settings::exposed_file(file_name_, root); !notice.empty()) {
      read.notices.push_back(std::move(notice));
    }
    return read;
  }

  void settle_limits() {
    Limits& limits = draft_.config.limits;
    if (!sources_.is_set("VDM_ALL_BODIES_BYTES_MAX") && machine_.memory_bytes > 0) {
      const std::size_t half = machine_.memory_bytes / 2;
      limits.all_bodies_bytes_max =
          std::max(limits.body_bytes_max, std::min(limits.all_bodies_bytes_max, half));
    }
    if (limits.all_bodies_bytes_max < limits.body_bytes_max) {
      faults_.push_back("VDM_ALL_BODIES_BYTES_MAX: expected at least VDM_BODY_BYTES_MAX (" +
                        std::to_string(limits.body_bytes_max) + "), got '" +
                        std::to_string(limits.all_bodies_bytes_max) + "'");
    }
    // Each client may need a second connection, to a provider.
    const std::size_t half_of_files = machine_.files_max / 2;
    if (half_of_files > 0 && limits.connections_max > half_of_files) {
      limits.connections_max = half_of_files;
      draft_.config.notices.push_back("limits.connections: " + std::to_string(half_of_files) +
                                      ", as this process may open " +
                                      std::to_string(machine_.files_max) + " files");
    }
  }

  void settle_public_url() {
    if (sources_.is_set("VDM_METRICS_PUBLIC_URL")) return;
    const HostPort at{callable_host(draft_.metrics_host), draft_.metrics_port};
    draft_.config.metrics.public_url = "http://" + authority(at);
  }

  void settle_data_dir() {
    std::string& directory = draft_.config.data_dir;
    if (sources_.is_set("VDM_DATA_DIR")) return;
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
                                    {.facts = *config.models.facts,
                                     .timeouts = config.timeouts.upstream,
                                     .http = draft_.http_upstreams,
                                     .timeout_from_env = env_.get("REQUEST_TIMEOUT").has_value(),
                                     .retries_max = config.retry.retries_max,
                                     .retries_from_env = env_.get("MAX_RETRIES").has_value(),
                                     .key_affinity = draft_.key_affinity,
                                     .own = {config.listen.host, config.listen.port}});
    config.providers = std::move(found.providers);
    for (const Provider& provider : config.providers) note_sources(provider);
    std::ranges::move(found.faults, std::back_inserter(faults_));
    std::ranges::move(found.notices, std::back_inserter(config.notices));
    providers_are_known_ = found.faults.empty();
    if (providers_are_known_ && config.providers.empty()) note_subscribers(found.implied);
    std::ranges::move(found.implied, std::back_inserter(config.providers));
    if (providers_are_known_ && config.providers.empty()) {
      faults_.emplace_back(
          "no provider: expected a key such as ANTHROPIC_API_KEY or OPENAI_API_KEY, found none");
      providers_are_known_ = false;
    }
  }

  void note_subscribers(const std::vector<Provider>& implied) {
    for (const Provider& provider : implied) {
      draft_.config.notices.push_back("no provider has a key: " + provider.name +
                                      " takes clients with a login or a key of their own, at " +
                                      url_text(provider.doors.front().base_url));
    }
  }

  void find_aliases() {
    if (!providers_are_known_) return;  // the missing provider is reported already
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
    const Resolver resolver(config.providers, config.default_provider, rules, *config.models.facts);
    std::ranges::copy(resolver.findings().faults, std::back_inserter(faults_));
    std::ranges::copy(resolver.findings().notices, std::back_inserter(config.notices));
  }

  /// The default may name a profile, which comes before a provider of that name here as well.
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

  void note_sources(const Provider& provider) {
    const std::string prefix = env_prefix(provider.name);
    const auto table = std::ranges::find(
        file_.providers, prefix, [](const ProviderTable& known) { return env_prefix(known.name); });
    const auto note = [&](std::string_view suffix, std::string_view value, std::string_view key,
                          std::optional<std::string> ProviderTable::*member) {
      const std::string variable = prefix + std::string(suffix);
      const bool in_file = table != file_.providers.end() && (*table).*member;
      std::string from = in_file ? "file, " + table->name + "." + std::string(key)
                                 : std::string(ValueSources::Default);
      if (env_.get(variable)) from = "environment";
      sources_.set(variable, value, from);
    };
    const bool has_key = provider.auth != AuthMode::None;
    note("_API_KEY", has_key ? "set" : "", "api-key", &ProviderTable::api_key);
    const Door& first = provider.doors.front();
    note("_BASE_URL", url_text(first.base_url), "base-url", &ProviderTable::base_url);
    note("_API_FORMAT", dialect_text(first), "api-format", &ProviderTable::api_format);
    // Where one door is all, the two lines above say it.
    const bool several = provider.doors.size() > 1;
    const Door* const messages = several ? find_door(provider, Dialect::Anthropic) : nullptr;
    const Door* const chat = several ? find_door(provider, Dialect::OpenAi) : nullptr;
    if (messages != nullptr) {
      note("_MESSAGES_BASE_URL", url_text(messages->base_url), "messages-base-url",
           &ProviderTable::messages_base_url);
    }
    if (chat != nullptr) {
      note("_CHAT_BASE_URL", url_text(chat->base_url), "chat-base-url",
           &ProviderTable::chat_base_url);
    }
    if (provider.responses_url) {
      note("_RESPONSES_BASE_URL", url_text(*provider.responses_url), "responses-base-url",
           &ProviderTable::responses_base_url);
    }
  }

  void note_original() {
    std::vector<std::string>& notices = draft_.config.notices;
    std::ranges::move(original_variables(env_, draft_.config.providers),
                      std::back_inserter(notices));
    if (machine_.directory.empty()) return;
    std::ranges::move(original_files(env_, machine_.directory), std::back_inserter(notices));
  }

  void check_access() {
    const Config& config = draft_.config;
    if (!has_key(config.access) && !draft_.open_bind_meant &&
        !is_loopback_host(config.listen.host)) {
      faults_.push_back("HOST: '" + config.listen.host +
                        "' can be reached from elsewhere; set PROXY_API_KEY or a [keys.NAME], or "
                        "VDM_ALLOW_UNAUTHENTICATED=" +
                        std::string(settings::OpenBindWords) + " if that is meant");
    }
  }

  const CommandLine& line_;
  const Env& env_;
  const Machine& machine_;
  ValueSources& sources_;
  const FileContent content_;
  Faults faults_;
  ConfigDraft draft_;
  const settings::Settings settings_ = settings_of(draft_);
  const std::string file_name_ = line_.file_name();
  ConfigFile file_ = read_file();
  bool providers_are_known_ = false;
};

std::string keys_text(const Provider& provider) {
  if (provider.auth == AuthMode::ClientKey) return "clients' own credentials";
  const std::size_t keys = provider.keys.size();
  return std::to_string(keys) + (keys == 1 ? " key" : " keys");
}

/// What --check-config prints: the number of keys, never a key.
std::string summary(const Config& config) {
  std::ostringstream text;
  text << "vdm-proxy: the configuration is valid\n"
       << "listens on " << config.listen.host << ":" << config.listen.port
       << (config.access.proxy_api_key.empty() ? " without a key\n" : " with a key\n");
  for (const Provider& provider : config.providers) {
    text << "provider " << provider.name << ": " << doors_text(provider) << ", "
         << keys_text(provider) << "\n";
  }
  for (const std::string& notice : config.notices) text << "note: " << notice << "\n";
  return text.str();
}

}  // namespace

std::variant<CommandLine, EarlyExit> parse_command_line(int argc, const char* const* argv) {
  ConfigDraft draft;
  return settings::parse_command_line(Proxy, settings_of(draft), argc, argv);
}

std::variant<Config, Faults> load(const CommandLine& line, const Env& env, const Machine& machine,
                                  FileContent content) {
  ValueSources unasked;
  return load(line, env, machine, unasked, content);
}

std::variant<Config, Faults> load(const CommandLine& line, const Env& env, const Machine& machine,
                                  ValueSources& sources, FileContent content) {
  return Loading(line, env, machine, sources, content).run();
}

std::variant<Config, EarlyExit> load_or_explain(int argc, const char* const* argv, const Env& env) {
  const auto load_here = [&env](const CommandLine& line, ValueSources& sources) {
    return load(line, env, Machine::here(), sources);
  };
  return settings::load_or_explain<Config>(Proxy, parse_command_line(argc, argv), load_here,
                                           summary);
}

}  // namespace vdm::proxy
