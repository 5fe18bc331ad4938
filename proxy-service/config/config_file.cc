#include "proxy-service/config/config_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string_view>

#include "common/base/suggest.h"
#include "common/base/text.h"
#include "common/settings/key_tables.h"
#include "proxy-service/config/alias_tables.h"
#include "proxy-service/config/original_settings.h"
#include "proxy-service/config/settings.h"
#include "proxy-service/providers/facts_table.h"

namespace vdm::proxy {
namespace {

using settings::Faults;
using settings::FileNode;

constexpr std::array<std::string_view, 7> OurTables{"proxy", "defaults", "limits",  "timeouts",
                                                    "retry", "breaker",  "overload"};
constexpr std::array<std::string_view, 13> ProviderKeys{
    "base-url",    "messages-base-url", "chat-base-url", "responses-base-url", "api-key",
    "api-format",  "api-version",       "auth-mode",     "key-affinity",       "timeout",
    "max-retries", "custom-headers",    "aliases"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Reads the tables of one file.
class Reader {
 public:
  Reader(ConfigFile& out, const std::string& file, const std::vector<std::string_view>& names,
         Faults& faults)
      : out_(out), file_(file), names_(names), faults_(faults) {}

  void read(const FileNode& root) {
    for (const auto& [name, node] : root.entries) read_entry(name, node);
  }

 private:
  void read_entry(const std::string& name, const FileNode& node) {
    if (!node.is_table()) {
      fault(name, no_such_setting(name, "", names_));
    } else if (name == "metrics") {
      // The metrics service's settings: both services may share the file.
    } else if (name == "keys") {
      // Read whole by read_key_tables().
    } else if (contains(OurTables, name)) {
      read_settings(name, node);
    } else if (name == "aliases") {
      add_aliases(node, "aliases", Alias::Scope::Anyone, "");
    } else if (name.starts_with('#')) {
      add_profile(name.substr(1), node, name);
    } else if (name == "profiles") {
      for (const auto& [profile, inner] : node.entries) {
        add_profile(profile, inner, "profiles." + profile);
      }
    } else if (name == "providers") {
      for (const auto& [provider, inner] : node.entries) read_inner_provider(provider, inner);
    } else {
      read_provider(name, "", node);
    }
  }

  void read_inner_provider(const std::string& name, const FileNode& node) {
    if (!node.is_table()) return fault("providers." + name, "expected a table");
    read_provider(name, "providers.", node);
  }

  void fault(const std::string& key, std::string_view what) {
    faults_.push_back(file_ + ": " + key + ": " + std::string(what));
  }

  TableFault saying_faults() {
    return [this](const std::string& key, const std::string& what) { fault(key, what); };
  }

  void add_aliases(const FileNode& node, const std::string& prefix, Alias::Scope scope,
                   const std::string& provider) {
    std::ranges::move(read_aliases(node, prefix, scope, provider, saying_faults()),
                      std::back_inserter(out_.aliases));
  }

  void add_profile(std::string_view name, const FileNode& node, const std::string& prefix) {
    Profile profile = read_profile(name, node, prefix, saying_faults());
    if (std::ranges::find(out_.profiles, profile.name, &Profile::name) != out_.profiles.end()) {
      return fault(prefix, "there is another profile of that name");
    }
    out_.profiles.push_back(std::move(profile));
  }

  void read_settings(const std::string& table_name, const FileNode& table) {
    for (const auto& [key, node] : table.entries) {
      const std::string name = table_name + "." + key;
      if (name == "defaults.aliases") {
        add_aliases(node, name, Alias::Scope::EveryProvider, "");
      } else {
        out_.values.take(name, node, faults_);
      }
    }
  }

  /// Whether the table is a provider's; if not, a fault reports it as unknown or misspelt.
  bool is_provider(const std::string& name, const FileNode& table) {
    const auto is_provider_key = [](const auto& entry) {
      return contains(ProviderKeys, entry.first) || !instead_of_original_key(entry.first).empty();
    };
    if (FactsTable::built_in().find_provider(name) != nullptr) return true;
    if (std::ranges::any_of(table.entries, is_provider_key)) return true;
    std::vector<std::string_view> tables(OurTables.begin(), OurTables.end());
    tables.insert(tables.end(), {"aliases", "keys", "profiles", "providers"});
    const std::string meant = suggestion(name, tables);
    fault("[" + name + "]", meant.empty() ? "no such table, and no provider's (it has no base-url)"
                                          : "no such table; did you mean [" + meant + "]?");
    return false;
  }

  void read_provider(const std::string& name, const std::string& prefix, const FileNode& table) {
    const bool is_name = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '-' || c == '_';
    });
    if (!is_name) return fault("[" + prefix + name + "]", "expected a name of letters and digits");
    if (prefix.empty() && !is_provider(name, table)) return;

    ProviderTable provider;
    provider.name = name;
    for (const auto& [key, node] : table.entries) {
      read_provider_key(provider, prefix + name + ".", key, node);
    }
    out_.providers.push_back(std::move(provider));
  }

  void read_provider_key(ProviderTable& provider, const std::string& prefix, const std::string& key,
                         const FileNode& node) {
    const std::string full = prefix + key;
    if (const auto instead = instead_of_original_key(key); !instead.empty()) {
      out_.notices.push_back(file_ + ": " + full + ": has no effect, unlike in the original; " +
                             std::string(instead));
      return;
    }
    if (!contains(ProviderKeys, key)) {
      const std::string table = prefix.substr(0, prefix.size() - 1);
      return fault(full, no_such_setting(full, table, {ProviderKeys.begin(), ProviderKeys.end()}));
    }
    if (key == "aliases") {
      return add_aliases(node, full, Alias::Scope::Provider, lower(provider.name));
    }
    if (key == "custom-headers") return read_headers(provider, full, node);

    const auto text = node.as_text(" ");
    if (!text) return fault(full, "expected a plain value");
    if (key == "base-url") provider.base_url = *text;
    if (key == "messages-base-url") provider.messages_base_url = *text;
    if (key == "chat-base-url") provider.chat_base_url = *text;
    if (key == "responses-base-url") provider.responses_base_url = *text;
    if (key == "api-key") provider.api_key = *text;
    if (key == "api-format") provider.api_format = *text;
    if (key == "api-version") provider.api_version = *text;
    if (key == "auth-mode") provider.auth_mode = *text;
    if (key == "key-affinity") provider.key_affinity = *text;
    if (key != "max-retries" && key != "timeout") return;
    const bool is_time = key == "timeout";
    const auto value = settings::parse(is_time ? settings::duration() : RetriesRule, full, *text);
    if (!value) {
      faults_.push_back(file_ + ": " + value.error().message);
    } else if (is_time) {
      provider.timeout = std::chrono::milliseconds(value->number);
    } else {
      provider.retries_max = static_cast<std::uint32_t>(value->number);
    }
  }

  void read_headers(ProviderTable& provider, const std::string& full, const FileNode& node) {
    if (!node.is_table()) return fault(full, "expected a table of headers");
    for (const auto& [name, value] : node.entries) {
      const auto text = value.as_text(", ");
      if (!text) {
        fault(full + "." + name, "expected a plain value");
      } else {
        provider.custom_headers.emplace(name, *text);
      }
    }
  }

  ConfigFile& out_;
  const std::string& file_;
  const std::vector<std::string_view>& names_;
  Faults& faults_;
};

}  // namespace

ConfigFile read_tables(const FileNode& root, const std::string& name,
                       const settings::Settings& settings, Faults& faults) {
  std::vector<std::string_view> names;
  for (const settings::Setting& setting : settings) {
    if (!setting.key.empty()) names.push_back(setting.key);
  }
  ConfigFile out{.values = settings::FileValues(settings, name)};
  Reader(out, name, names, faults).read(root);
  out.keys = settings::read_key_tables(root, name, faults);
  return out;
}

}  // namespace vdm::proxy
