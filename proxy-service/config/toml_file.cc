#include "proxy-service/config/toml_file.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

#include <toml++/toml.h>

#include "common/base/env.h"
#include "common/base/suggest.h"
#include "proxy-service/config/knobs.h"
#include "proxy-service/routing/known_providers.h"

namespace vdm::proxy {
namespace {

constexpr std::array<std::string_view, 4> OurTables{"proxy", "defaults", "limits", "timeouts"};
constexpr std::array<std::string_view, 6> ProviderKeys{"base-url",  "api-key", "api-format",
                                                       "auth-mode", "timeout", "custom-headers"};
/// Settings of the original that have no effect here yet: said, not refused.
constexpr std::array<std::string_view, 6> LaterProviderKeys{
    "api-version", "max-retries", "tool-name-sanitization", "models-url", "model-page", "aliases"};
constexpr std::array<std::string_view, 2> LaterDefaults{"max-retries", "aliases"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// A plain value as it would stand in the environment; arrays are joined.
std::optional<std::string> as_text(const toml::node& node, std::string_view separator) {
  if (const auto* array = node.as_array()) {
    std::string joined;
    for (const auto& element : *array) {
      const auto text = as_text(element, separator);
      if (!text) return std::nullopt;
      joined.append(joined.empty() ? "" : separator).append(*text);
    }
    return joined;
  }
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto flag = node.value_exact<bool>()) return std::string(*flag ? "true" : "false");
  if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (const auto number = node.value_exact<double>()) {
    std::ostringstream text;
    text << *number;
    return text.str();
  }
  return std::nullopt;
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
      } else if (name.starts_with('#')) {
        later("[\"" + std::string(name) + "\"]");
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
    const std::string meant = suggestion(key, known);
    fault(key, meant.empty() ? "no such setting" : "no such setting; did you mean " + meant + "?");
  }

  void read_settings(const std::string& table_name, const toml::table& table) {
    const auto names = setting_names();
    for (const auto& [key, node] : table) {
      const std::string name = table_name + "." + std::string(key.str());
      if (table_name == "defaults" && contains(LaterDefaults, key.str())) {
        later(name);
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
    const std::string meant = suggestion(name, {OurTables.begin(), OurTables.end()});
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
      std::vector<std::string> names;
      for (const std::string_view known : ProviderKeys)
        names.push_back(prefix + std::string(known));
      return unknown(full, {names.begin(), names.end()});
    }
    if (key == "custom-headers") return read_headers(provider, full, node);

    const auto text = as_text(node, " ");
    if (!text) return fault(full, "expected a plain value");
    if (key == "base-url") provider.base_url = *text;
    if (key == "api-key") provider.api_key = *text;
    if (key == "api-format") provider.api_format = *text;
    if (key == "auth-mode") provider.auth_mode = *text;
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
