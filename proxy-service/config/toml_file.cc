#include "proxy-service/config/toml_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <sstream>
#include <string_view>

#include <toml++/toml.h>

#include "common/base/env.h"
#include "common/base/suggest.h"
#include "proxy-service/config/knobs.h"
#include "proxy-service/config/toml_aliases.h"
#include "proxy-service/config/toml_text.h"
#include "proxy-service/routing/known_providers.h"

namespace vdm::proxy {
namespace {

constexpr std::array<std::string_view, 6> OurTables{"proxy",    "defaults", "limits",
                                                    "timeouts", "retry",    "breaker"};
constexpr std::array<std::string_view, 9> ProviderKeys{
    "base-url", "api-key",     "api-format",     "api-version", "auth-mode",
    "timeout",  "max-retries", "custom-headers", "aliases"};
/// Settings of the original that have no effect here yet: said, not refused.
constexpr std::array<std::string_view, 3> LaterProviderKeys{"tool-name-sanitization", "models-url",
                                                            "model-page"};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// The walk over one file's tables.
class Reader {
 public:
  Reader(TomlFile& out, const std::string& file) : out_(out), file_(file) {}

  void read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      const std::string_view name = key.str();
      const auto* table = node.as_table();
      if (!table) {
        unknown(std::string(name), setting_names());
      } else if (name == "metrics") {
        // The metrics service's own; it may share the file.
      } else if (contains(OurTables, name)) {
        read_settings(std::string(name), *table);
      } else if (name == "aliases") {
        add_aliases(*table, "aliases", Alias::Scope::Anyone, "");
      } else if (name.starts_with('#')) {
        add_profile(name.substr(1), *table, std::string(name));
      } else if (name == "profiles") {
        for (const auto& [profile, inner] : *table) {
          add_profile(profile.str(), inner, "profiles." + std::string(profile.str()));
        }
      } else if (name == "providers") {
        for (const auto& [provider, inner] : *table) {
          const auto* inner_table = inner.as_table();
          if (inner_table) {
            read_provider(std::string(provider.str()), "providers.", *inner_table);
          } else {
            fault("providers." + std::string(provider.str()), "expected a table");
          }
        }
      } else {
        read_provider(std::string(name), "", *table);
      }
    }
  }

 private:
  static std::vector<std::string_view> setting_names() {
    std::vector<std::string_view> names;
    for (const Knob& knob : knobs()) {
      if (!knob.toml.empty()) names.push_back(knob.toml);
    }
    return names;
  }

  void fault(const std::string& key, std::string_view what) {
    out_.faults.push_back(file_ + ": " + key + ": " + std::string(what));
  }

  void later(const std::string& key) {
    out_.notices.push_back(file_ + ": " + key + ": has no effect yet");
  }

  void unknown(const std::string& key, const std::vector<std::string_view>& known) {
    fault(key, no_such_setting(key, "", known));
  }

  TomlFault saying_faults() {
    return [this](const std::string& key, const std::string& what) { fault(key, what); };
  }

  void add_aliases(const toml::node& node, const std::string& prefix, Alias::Scope scope,
                   const std::string& provider) {
    std::ranges::move(read_aliases(node, prefix, scope, provider, saying_faults()),
                      std::back_inserter(out_.aliases));
  }

  void add_profile(std::string_view name, const toml::node& node, const std::string& prefix) {
    Profile profile = read_profile(name, node, prefix, saying_faults());
    if (std::ranges::find(out_.profiles, profile.name, &Profile::name) != out_.profiles.end()) {
      return fault(prefix, "there is another profile of that name");
    }
    out_.profiles.push_back(std::move(profile));
  }

  void read_settings(const std::string& table_name, const toml::table& table) {
    const auto names = setting_names();
    for (const auto& [key, node] : table) {
      const std::string name = table_name + "." + std::string(key.str());
      if (name == "defaults.aliases") {
        add_aliases(node, name, Alias::Scope::EveryProvider, "");
      } else if (std::ranges::find(names, name) == names.end()) {
        unknown(name, names);
      } else if (auto text = as_text(node, ",")) {
        out_.settings.emplace(name, std::move(*text));
      } else {
        fault(name, "expected a plain value");
      }
    }
  }

  /// A table that is neither ours nor a provider's is a misspelt one of ours.
  bool is_provider(const std::string& name, const toml::table& table) {
    const auto is_provider_key = [](const auto& entry) {
      return contains(ProviderKeys, entry.first.str()) ||
             contains(LaterProviderKeys, entry.first.str());
    };
    if (std::ranges::find(KnownProviders, name, &KnownProvider::name) != KnownProviders.end()) {
      return true;
    }
    if (std::any_of(table.begin(), table.end(), is_provider_key)) return true;
    std::vector<std::string_view> tables(OurTables.begin(), OurTables.end());
    tables.insert(tables.end(), {"aliases", "profiles", "providers"});
    const std::string meant = suggestion(name, tables);
    fault("[" + name + "]", meant.empty() ? "no such table, and no provider's (it has no base-url)"
                                          : "no such table; did you mean [" + meant + "]?");
    return false;
  }

  void read_provider(const std::string& name, const std::string& prefix, const toml::table& table) {
    const bool is_name = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '-' || c == '_';
    });
    if (!is_name) return fault("[" + prefix + name + "]", "expected a name of letters and digits");
    if (prefix.empty() && !is_provider(name, table)) return;

    ProviderTable provider;
    provider.name = name;
    for (const auto& [key, node] : table) {
      read_provider_key(provider, prefix + name + ".", std::string(key.str()), node);
    }
    out_.providers.push_back(std::move(provider));
  }

  void read_provider_key(ProviderTable& provider, const std::string& prefix, const std::string& key,
                         const toml::node& node) {
    const std::string full = prefix + key;
    if (contains(LaterProviderKeys, key)) return later(full);
    if (!contains(ProviderKeys, key)) {
      const std::string table = prefix.substr(0, prefix.size() - 1);
      return fault(full, no_such_setting(full, table, {ProviderKeys.begin(), ProviderKeys.end()}));
    }
    if (key == "aliases") {
      return add_aliases(node, full, Alias::Scope::Provider, lower(provider.name));
    }
    if (key == "custom-headers") return read_headers(provider, full, node);

    const auto text = as_text(node, " ");
    if (!text) return fault(full, "expected a plain value");
    if (key == "base-url") provider.base_url = *text;
    if (key == "api-key") provider.api_key = *text;
    if (key == "api-format") provider.api_format = *text;
    if (key == "api-version") provider.api_version = *text;
    if (key == "auth-mode") provider.auth_mode = *text;
    if (key == "max-retries") {
      const auto retries = parse_count(full, *text, 0, 10);
      if (!retries) return fault(full, "expected 0..10, got '" + text->substr(0, 80) + "'");
      provider.retries_max = static_cast<std::uint32_t>(*retries);
    }
    if (key != "timeout") return;
    const auto timeout = parse_duration(full, *text);
    if (timeout && timeout->count() > 0) {
      provider.timeout = *timeout;
    } else {
      fault(full, "expected a duration above 0, got '" + text->substr(0, 80) + "'");
    }
  }

  void read_headers(ProviderTable& provider, const std::string& full, const toml::node& node) {
    const auto* table = node.as_table();
    if (!table) return fault(full, "expected a table of headers");
    for (const auto& [name, value] : *table) {
      const auto text = as_text(value, ", ");
      if (!text) {
        fault(full + "." + std::string(name.str()), "expected a plain value");
      } else {
        provider.custom_headers.emplace(name.str(), *text);
      }
    }
  }

  TomlFile& out_;
  const std::string& file_;
};

}  // namespace

TomlFile read_toml(std::string_view text, const std::string& name) {
  TomlFile out;
  try {
    const toml::table root = toml::parse(text, name);
    Reader(out, name).read(root);
  } catch (const toml::parse_error& error) {
    // The library throws; its text tells what it expected and one character it saw.
    std::ostringstream where;
    where << name << ": line " << error.source().begin.line << ": " << error.description();
    out.faults.push_back(where.str());
  }
  return out;
}

}  // namespace vdm::proxy
