#include "proxy-service/config/toml_aliases.h"

#include <algorithm>
#include <array>

#include "common/base/env.h"
#include "common/base/suggest.h"
#include "proxy-service/config/toml_text.h"

namespace vdm::proxy {
namespace {

constexpr std::array<std::string_view, 4> AliasKeys{"targets", "fallback", "balance", "affinity"};
constexpr std::array<std::string_view, 2> TargetKeys{"model", "weight"};
constexpr std::array<std::string_view, 3> ProfileKeys{"timeout", "max-retries", "aliases"};

/// One alias that is a table.
class TableReader {
 public:
  TableReader(Alias& out, const TomlFault& fault) : out_(out), fault_(fault) {}

  void read(const toml::table& table) {
    for (const auto& [key, node] : table) {
      const std::string name = out_.key + "." + std::string(key.str());
      if (key == "targets") {
        read_targets(node, name);
      } else if (key == "fallback") {
        read_fallback(node, name);
      } else if (key == "balance") {
        const bool least = choose(node, name, "weight", "least_in_flight");
        out_.balance = least ? Balance::LeastInFlight : Balance::Weight;
      } else if (key == "affinity") {
        const bool session = choose(node, name, "none", "session");
        out_.affinity = session ? Affinity::Session : Affinity::None;
      } else {
        fault_(name, no_such_setting(name, out_.key, {AliasKeys.begin(), AliasKeys.end()}));
      }
    }
    if (!table.contains("targets")) fault_(out_.key, "expected targets");
  }

 private:
  void read_targets(const toml::node& node, const std::string& name) {
    const auto* array = node.as_array();
    if (!array) return fault_(name, "expected a list of models");
    for (const auto& element : *array) {
      const std::string at = name + "[" + std::to_string(out_.targets.size()) + "]";
      if (const auto model = element.value_exact<std::string>()) {
        out_.targets.push_back({*model});
      } else if (const auto* table = element.as_table()) {
        read_target(*table, at);
      } else {
        return fault_(at, "expected a model, or a table of model and weight");
      }
    }
  }

  void read_target(const toml::table& table, const std::string& at) {
    WeightedModel target;
    for (const auto& [key, node] : table) {
      const std::string name = at + "." + std::string(key.str());
      const auto text = as_text(node, " ").value_or("");
      if (key == "model") {
        target.model = text;
      } else if (key == "weight") {
        const auto weight = parse_count(name, text, 1, WeightMax);
        if (!weight) return fault_(name, "expected 1..1000, got '" + text.substr(0, 80) + "'");
        target.weight = static_cast<std::uint32_t>(*weight);
      } else {
        fault_(name, no_such_setting(name, at, {TargetKeys.begin(), TargetKeys.end()}));
      }
    }
    out_.targets.push_back(std::move(target));
  }

  void read_fallback(const toml::node& node, const std::string& name) {
    const auto* array = node.as_array();
    if (!array) return fault_(name, "expected a list of models");
    for (const auto& element : *array) {
      const auto model = element.value_exact<std::string>();
      if (!model) return fault_(name, "expected a list of models");
      out_.fallback.push_back(*model);
    }
  }

  /// Whether it is the second of the two.
  bool choose(const toml::node& node, const std::string& name, std::string_view first,
              std::string_view second) {
    const auto text = as_text(node, " ").value_or("a table");
    if (text != first && text != second) {
      fault_(name, "expected " + std::string(first) + " or " + std::string(second) + ", got '" +
                       text.substr(0, 80) + "'");
    }
    return text == second;
  }

  Alias& out_;
  const TomlFault& fault_;
};

}  // namespace

std::vector<Alias> read_aliases(const toml::node& node, const std::string& prefix,
                                Alias::Scope scope, const std::string& provider,
                                const TomlFault& fault) {
  std::vector<Alias> aliases;
  const auto* table = node.as_table();
  if (!table) {
    fault(prefix, "expected a table of aliases");
    return aliases;
  }
  for (const auto& [key, value] : *table) {
    Alias alias{.key = prefix + "." + std::string(key.str()),
                .name = fold(key.str()),
                .scope = scope,
                .provider = provider};
    if (const auto* inner = value.as_table()) {
      TableReader(alias, fault).read(*inner);
    } else if (const auto model = value.value_exact<std::string>()) {
      alias.targets.push_back({*model});
    } else {
      fault(alias.key, "expected a model, or a table with targets");
      continue;
    }
    aliases.push_back(std::move(alias));
  }
  return aliases;
}

Profile read_profile(std::string_view name, const toml::node& node, const std::string& prefix,
                     const TomlFault& fault) {
  Profile profile{.key = prefix, .name = std::string(name)};
  std::ranges::transform(profile.name, profile.name.begin(),
                         [](char c) { return c == '_' ? c : fold(c); });
  const bool is_name = !name.empty() && name.size() <= 64 && name.find(':') == name.npos;
  if (!is_name) fault(prefix, "expected a name of 1 to 64 characters without ':'");
  const auto* table = node.as_table();
  if (!table) {
    fault(prefix, "expected a table");
    return profile;
  }
  for (const auto& [key, value] : *table) {
    const std::string full = prefix + "." + std::string(key.str());
    const std::string text = as_text(value, " ").value_or("");
    if (key == "aliases") {
      profile.aliases = read_aliases(value, full, Alias::Scope::Anyone, "", fault);
    } else if (key == "timeout") {
      const auto time = parse_duration(full, text);
      if (time && time->count() > 0) {
        profile.terms.timeout = *time;
      } else {
        fault(full, "expected a duration above 0, got '" + text.substr(0, 80) + "'");
      }
    } else if (key == "max-retries") {
      const auto retries = parse_count(full, text, 0, 10);
      if (retries) {
        profile.terms.retries_max = static_cast<std::uint32_t>(*retries);
      } else {
        fault(full, "expected 0..10, got '" + text.substr(0, 80) + "'");
      }
    } else {
      fault(full, no_such_setting(full, prefix, {ProfileKeys.begin(), ProfileKeys.end()}));
    }
  }
  return profile;
}

}  // namespace vdm::proxy
