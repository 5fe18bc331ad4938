#include "proxy-service/config/alias_tables.h"

#include <algorithm>
#include <array>

#include "common/base/suggest.h"
#include "proxy-service/config/settings.h"

namespace vdm::proxy {
namespace {

using settings::FileNode;

constexpr std::array<std::string_view, 4> AliasKeys{"targets", "fallback", "balance", "affinity"};
constexpr std::array<std::string_view, 2> TargetKeys{"model", "weight"};
constexpr std::array<std::string_view, 3> ProfileKeys{"timeout", "max-retries", "aliases"};

/// The error's message without its key, which TableFault adds again.
std::string without_key(const Error& error, const std::string& key) {
  return error.message.substr(key.size() + 2);
}

void read_term(ProfileTerms& terms, const std::string& key, const std::string& full,
               const std::string& text, const TableFault& fault) {
  const bool is_time = key == "timeout";
  const auto value = settings::parse(is_time ? settings::duration() : RetriesRule, full, text);
  if (!value) {
    fault(full, without_key(value.error(), full));
  } else if (is_time) {
    terms.timeout = std::chrono::milliseconds(value->number);
  } else {
    terms.retries_max = static_cast<std::uint32_t>(value->number);
  }
}

/// Reads an alias that is written as a table.
class TableReader {
 public:
  TableReader(Alias& out, const TableFault& fault) : out_(out), fault_(fault) {}

  void read(const FileNode& table) {
    for (const auto& [key, node] : table.entries) {
      const std::string name = out_.key + "." + key;
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
    if (table.find("targets") == nullptr) fault_(out_.key, "expected targets");
  }

 private:
  void read_targets(const FileNode& node, const std::string& name) {
    if (!node.is_list()) return fault_(name, "expected a list of models");
    for (const FileNode& element : node.items) {
      const std::string at = name + "[" + std::to_string(out_.targets.size()) + "]";
      if (element.is_text()) {
        out_.targets.push_back({element.text});
      } else if (element.is_table()) {
        read_target(element, at);
      } else {
        return fault_(at, "expected a model, or a table of model and weight");
      }
    }
  }

  void read_target(const FileNode& table, const std::string& at) {
    WeightedModel target;
    for (const auto& [key, node] : table.entries) {
      const std::string name = at + "." + key;
      const auto text = node.as_text(" ").value_or("");
      if (key == "model") {
        target.model = text;
      } else if (key == "weight") {
        const settings::Rule rule = settings::count(1, WeightMax);
        const auto weight = settings::parse(rule, name, text);
        if (!weight) return fault_(name, without_key(weight.error(), name));
        target.weight = static_cast<std::uint32_t>(weight->number);
      } else {
        fault_(name, no_such_setting(name, at, {TargetKeys.begin(), TargetKeys.end()}));
      }
    }
    out_.targets.push_back(std::move(target));
  }

  void read_fallback(const FileNode& node, const std::string& name) {
    if (!node.is_list()) return fault_(name, "expected a list of models");
    for (const FileNode& element : node.items) {
      if (!element.is_text()) return fault_(name, "expected a list of models");
      out_.fallback.push_back(element.text);
    }
  }

  /// Whether the value is `second`; a fault when it is neither of the two.
  bool choose(const FileNode& node, const std::string& name, std::string_view first,
              std::string_view second) {
    const auto text = node.as_text(" ").value_or("a table");
    if (text != first && text != second) {
      fault_(name, "expected " + std::string(first) + " or " + std::string(second) + ", got '" +
                       text.substr(0, 80) + "'");
    }
    return text == second;
  }

  Alias& out_;
  const TableFault& fault_;
};

}  // namespace

std::vector<Alias> read_aliases(const FileNode& node, const std::string& prefix, Alias::Scope scope,
                                const std::string& provider, const TableFault& fault) {
  std::vector<Alias> aliases;
  if (!node.is_table()) {
    fault(prefix, "expected a table of aliases");
    return aliases;
  }
  for (const auto& [key, value] : node.entries) {
    Alias alias{.key = prefix + "." + key, .name = fold(key), .scope = scope, .provider = provider};
    if (value.is_table()) {
      TableReader(alias, fault).read(value);
    } else if (value.is_text()) {
      alias.targets.push_back({value.text});
    } else {
      fault(alias.key, "expected a model, or a table with targets");
      continue;
    }
    aliases.push_back(std::move(alias));
  }
  return aliases;
}

Profile read_profile(std::string_view name, const FileNode& node, const std::string& prefix,
                     const TableFault& fault) {
  Profile profile{.key = prefix, .name = std::string(name)};
  std::ranges::transform(profile.name, profile.name.begin(),
                         [](char c) { return c == '_' ? c : fold(c); });
  const bool is_name = !name.empty() && name.size() <= 64 && name.find(':') == name.npos;
  if (!is_name) fault(prefix, "expected a name of 1 to 64 characters without ':'");
  if (!node.is_table()) {
    fault(prefix, "expected a table");
    return profile;
  }
  for (const auto& [key, value] : node.entries) {
    const std::string full = prefix + "." + key;
    if (key == "aliases") {
      profile.aliases = read_aliases(value, full, Alias::Scope::Anyone, "", fault);
    } else if (key == "timeout" || key == "max-retries") {
      read_term(profile.terms, key, full, value.as_text(" ").value_or(""), fault);
    } else {
      fault(full, no_such_setting(full, prefix, {ProfileKeys.begin(), ProfileKeys.end()}));
    }
  }
  return profile;
}

}  // namespace vdm::proxy
