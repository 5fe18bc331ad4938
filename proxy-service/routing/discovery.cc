#include "proxy-service/routing/discovery.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "common/base/text.h"
#include "proxy-service/providers/facts_table.h"
#include "proxy-service/routing/custom_header.h"
#include "proxy-service/routing/provider_doors.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view KeySuffix = "_API_KEY";
constexpr std::string_view HeaderInfix = "_CUSTOM_HEADER_";

/// Whether {prefix}_API_KEY is a setting of the proxy rather than a provider's key.
bool is_our_own(std::string_view prefix) {
  return prefix.empty() || prefix == "PROXY" || prefix == "VDM" || prefix.starts_with("VDM_") ||
         prefix == "CUSTOM" || prefix.starts_with("CUSTOM_");
}

bool has_subscribers(const KnownProvider& known) {
  return !known.subscriptions_begin.empty() && !known.keys_begin.empty() && !known.doors.empty();
}

/// Whether a setting asks for a provider of that dialect that takes clients' own credentials.
bool takes_own(const std::vector<Provider>& providers, Dialect dialect) {
  return std::ranges::any_of(providers, [dialect](const Provider& provider) {
    return provider.auth == AuthMode::ClientKey && find_door(provider, dialect) != nullptr;
  });
}

/// Builds one provider from the environment and from the provider's table in the file.
class Builder {
 public:
  Builder(const Env& env, const ProviderTable* table, std::string name,
          const DiscoveryOptions& options, Discovery& out)
      : env_(env), table_(table), options_(options), out_(out), prefix_(env_prefix(name)) {
    provider_.name = std::move(name);
    provider_.timeouts = options.timeouts;
    provider_.retries_max = options.retries_max;
    provider_.key_affinity = options.key_affinity;
  }

  void build() {
    const std::size_t faults_before = out_.faults.size();
    const bool built = read();
    if (built && out_.faults.size() == faults_before) {
      auto& found = is_implied(provider_) ? out_.implied : out_.providers;
      found.push_back(std::move(provider_));
    } else if (is_implied(provider_)) {
      // Nobody asked for it: its settings may belong to another program.
      const auto first = out_.faults.begin() + static_cast<std::ptrdiff_t>(faults_before);
      std::move(first, out_.faults.end(), std::back_inserter(out_.notices));
      out_.faults.erase(first, out_.faults.end());
    }
  }

 private:
  bool read() {
    if (!read_auth()) return false;
    if (!read_doors()) return false;
    read_api_version();
    read_key_affinity();
    read_headers();
    read_limits();
    return true;
  }

  using Found = FoundSetting;

  std::optional<Found> setting(std::string_view suffix, std::string_view toml_key,
                               const std::optional<std::string>& in_table) const {
    std::string name = prefix_ + std::string(suffix);
    if (auto value = env_.get(name)) return Found{std::move(name), std::move(*value)};
    if (!in_table) return std::nullopt;
    return Found{"[" + provider_.name + "] " + std::string(toml_key), *in_table};
  }

  void fault(std::string text) { out_.faults.push_back(std::move(text)); }
  void notice(std::string text) { out_.notices.push_back(std::move(text)); }

  /// False when the provider has no key, or a fault was reported.
  bool read_auth() {
    const auto mode = setting("_AUTH_MODE", "auth-mode", table_ ? table_->auth_mode : std::nullopt);
    if (mode) {
      const std::string value = lower(mode->value);
      if (value == "none") {
        provider_.auth = AuthMode::None;
        return true;
      }
      if (value == "passthrough") {
        provider_.auth = AuthMode::ClientKey;
        return true;
      }
      if (value != "key") {
        fault(mode->key + ": expected key, passthrough or none, got '" + mode->value + "'");
        return false;
      }
    }
    const std::vector<Found> found = key_settings();
    if (!found.empty()) return read_keys(found);
    if (const KnownProvider* known = mode ? nullptr : with_subscribers()) {
      provider_.auth = AuthMode::ClientKey;
      provider_.implied_for = known->keys_begin;
      return true;
    }
    notice("[" + provider_.name + "]: has no key; set " + prefix_ + "_API_KEY to use it");
    return false;
  }

  /// Null when this is no known provider with subscribers.
  const KnownProvider* with_subscribers() const {
    const KnownProvider* known = options_.facts.find_provider(provider_.name);
    return known != nullptr && has_subscribers(*known) ? known : nullptr;
  }

  /// The values of {P}_API_KEY and of {P}_API_KEY_2 and up (gaps are allowed), else the file's.
  std::vector<Found> key_settings() const {
    std::vector<Found> found;
    const std::string name = prefix_ + std::string(KeySuffix);
    if (auto first = env_.get(name)) found.push_back({name, std::move(*first)});
    std::map<std::uint64_t, Found> numbered;
    for (auto at = env_.all().lower_bound(name + "_");
         at != env_.all().end() && at->first.starts_with(name + "_"); ++at) {
      const auto number = parse_count("", at->first.substr(name.size() + 1), 2, 1'000'000);
      if (number && !at->second.empty()) numbered.emplace(*number, Found{at->first, at->second});
    }
    for (auto& [number, setting] : numbered) found.push_back(std::move(setting));
    if (found.empty() && table_ && table_->api_key) {
      found.push_back({"[" + provider_.name + "] api-key", *table_->api_key});
    }
    return found;
  }

  bool read_keys(const std::vector<Found>& settings) {
    constexpr std::string_view Separators = " \t\r\n,";
    const std::string& name = settings.front().key;
    std::set<std::string, std::less<>> seen;
    bool client_key = false;
    for (const auto& [key_name, text] : settings) {
      for (std::size_t begin = text.find_first_not_of(Separators); begin != std::string::npos;) {
        const auto end = std::min(text.find_first_of(Separators, begin), text.size());
        std::string key = text.substr(begin, end - begin);
        begin = text.find_first_not_of(Separators, end);
        if (key == "!OAUTH") {
          fault(key_name + ": OAuth is not supported; give a key");
          return false;
        }
        if (key == "!PASSTHRU") {
          client_key = true;
        } else if (!is_header_value(key)) {
          fault(key_name + ": holds a character that no key can have");
          return false;
        } else if (seen.insert(key).second) {
          provider_.keys.emplace_back(std::move(key));
        }
      }
    }
    if (client_key && !provider_.keys.empty()) {
      fault(name + ": expected either !PASSTHRU or keys, got both");
      return false;
    }
    if (provider_.keys.size() > KeysMax) {
      fault(name + ": expected at most " + std::to_string(KeysMax) + " keys, got '" +
            std::to_string(provider_.keys.size()) + "'");
      return false;
    }
    if (client_key) provider_.auth = AuthMode::ClientKey;
    if (!client_key && provider_.keys.empty()) fault(name + ": expected a key, got blanks");
    return client_key || !provider_.keys.empty();
  }

  std::optional<std::string> in_table(std::optional<std::string> ProviderTable::*member) const {
    return table_ ? table_->*member : std::nullopt;
  }

  bool read_doors() {
    const DoorSettings settings{
        .base_url = setting("_BASE_URL", "base-url", in_table(&ProviderTable::base_url)),
        .api_format = setting("_API_FORMAT", "api-format", in_table(&ProviderTable::api_format)),
        .messages_url = setting("_MESSAGES_BASE_URL", "messages-base-url",
                                in_table(&ProviderTable::messages_base_url)),
        .chat_url =
            setting("_CHAT_BASE_URL", "chat-base-url", in_table(&ProviderTable::chat_base_url)),
        .responses_url = setting("_RESPONSES_BASE_URL", "responses-base-url",
                                 in_table(&ProviderTable::responses_base_url))};
    ProviderDoors found =
        provider_doors(settings, {.provider = provider_.name,
                                  .known = options_.facts.find_provider(provider_.name),
                                  .http = options_.http,
                                  .own = options_.own});
    std::ranges::move(found.notices, std::back_inserter(out_.notices));
    if (!found.faults.empty()) {
      std::ranges::move(found.faults, std::back_inserter(out_.faults));
      return false;
    }
    if (found.doors.empty()) return report_missing_url();
    provider_.doors = std::move(found.doors);
    provider_.responses_url = std::move(found.responses_url);
    return true;
  }

  /// A fault for a table in the file; only a notice for a key in the environment, which may belong
  /// to another program.
  bool report_missing_url() {
    const std::string text = prefix_ + "_BASE_URL: expected a URL, as no provider named '" +
                             provider_.name + "' is built in";
    if (table_) {
      fault(text);
    } else {
      notice(text + "; " + prefix_ + "_API_KEY is not used");
    }
    return false;
  }

  void read_api_version() {
    const auto found =
        setting("_API_VERSION", "api-version", table_ ? table_->api_version : std::nullopt);
    if (!found) return;
    const bool fits =
        found->value.size() <= 64 && std::ranges::all_of(found->value, [](unsigned char c) {
          return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
        });
    if (!fits) {
      return fault(found->key + ": expected a version such as 2024-10-21, got '" +
                   found->value.substr(0, 80) + "'");
    }
    provider_.api_version = found->value;
  }

  void read_key_affinity() {
    const auto found =
        setting("_KEY_AFFINITY", "key-affinity", table_ ? table_->key_affinity : std::nullopt);
    if (!found) return;
    const auto affinity = affinity_of(lower(found->value));
    if (!affinity) {
      return fault(found->key + ": expected session or none, got '" + found->value.substr(0, 80) +
                   "'");
    }
    provider_.key_affinity = *affinity;
  }

  void read_headers() {
    const std::string prefix = prefix_ + std::string(HeaderInfix);
    for (const auto& [name, value] : env_.all()) {
      if (!name.starts_with(prefix) || name.size() == prefix.size()) continue;
      std::string header = name.substr(prefix.size());
      std::ranges::replace(header, '_', '-');
      add_header(name, std::move(header), value);
    }
    if (!table_) return;
    for (const auto& [name, value] : table_->custom_headers) {
      const auto same = [&](const auto& header) { return lower(header.first) == lower(name); };
      if (std::ranges::any_of(provider_.custom_headers, same)) continue;
      add_header("[" + provider_.name + "] custom-headers." + name, name, value);
    }
  }

  /// A fault does not repeat the header's value: it may be a credential.
  void add_header(const std::string& key, std::string name, const std::string& value) {
    const std::string lowered = lower(name);
    if (!is_header_name(name)) {
      return fault(key + ": expected a header's name, got '" + name + "'");
    }
    if (!is_header_value(value)) return fault(key + ": holds a character no header can have");
    if (is_reserved_header(lowered)) return fault(key + ": this header is the proxy's own to set");
    const bool is_credential =
        lowered == "authorization" || lowered == "x-api-key" || lowered == "api-key";
    if (is_credential && provider_.auth != AuthMode::None) {
      return fault(key + ": set the key with " + prefix_ + "_API_KEY, or auth-mode none");
    }
    provider_.custom_headers.emplace_back(std::move(name), value);
  }

  void read_limits() {
    if (table_ && table_->timeout && !options_.timeout_from_env) {
      provider_.timeouts.first_byte = *table_->timeout;
      provider_.timeouts.stream_idle = *table_->timeout;
    }
    if (table_ && table_->retries_max && !options_.retries_from_env) {
      provider_.retries_max = *table_->retries_max;
    }
  }

  const Env& env_;
  const ProviderTable* table_;
  const DiscoveryOptions& options_;
  Discovery& out_;
  std::string prefix_;
  Provider provider_;
};

}  // namespace

Discovery discover_providers(const Env& env, const std::vector<ProviderTable>& tables,
                             const DiscoveryOptions& options) {
  // Keyed by the environment's prefix, so that [my-provider] and MY_PROVIDER_API_KEY are one.
  std::map<std::string, const ProviderTable*> found;
  for (const ProviderTable& table : tables) found.emplace(env_prefix(table.name), &table);
  for (const auto& [name, value] : env.all()) {
    if (value.empty() || !name.ends_with(KeySuffix)) continue;
    const std::string prefix = name.substr(0, name.size() - KeySuffix.size());
    const bool is_name = std::ranges::all_of(
        prefix, [](unsigned char c) { return std::isupper(c) || std::isdigit(c) || c == '_'; });
    if (is_name && !is_our_own(prefix)) found.emplace(prefix, nullptr);
  }

  for (const auto& [name, known] : options.facts.providers()) {
    if (has_subscribers(known)) found.emplace(env_prefix(name), nullptr);
  }

  Discovery out;
  for (const auto& [prefix, table] : found) {
    Builder(env, table, table ? lower(table->name) : lower(prefix), options, out).build();
  }
  std::ranges::sort(out.providers, {}, &Provider::name);
  std::erase_if(out.implied, [&out](const Provider& provider) {
    return takes_own(out.providers, provider.doors.front().dialect);
  });
  return out;
}

}  // namespace vdm::proxy
