#include "proxy-service/routing/alias_compiler.h"

#include <algorithm>

#include "common/base/digest.h"
#include "proxy-service/providers/facts_table.h"

namespace vdm::proxy {
namespace {

/// The key of an alias that no setting defines.
constexpr std::string_view BuiltIn = "built in";

}  // namespace

void AliasCompiler::compile(AliasTable& out) {
  out_ = &out;
  check_words();
  if (!findings_.faults.empty()) return;

  own_.resize(providers_.size());
  for (std::size_t i = 0; i < providers_.size(); ++i) define_provider(i);
  for (const Alias& alias : rules_.aliases) {
    if (alias.scope == Alias::Scope::Anyone) define(anyones_, {.alias = &alias});
  }
  for (std::size_t dialect : {0, 1}) define_bare(dialect);
  profiles_.resize(rules_.profiles.size());
  for (std::size_t i = 0; i < rules_.profiles.size(); ++i) define_profile(i);

  out.own_.resize(own_.size());
  for (std::size_t i = 0; i < own_.size(); ++i) {
    enter(out.own_[i], own_[i], 0, i);
    list(own_[i], providers_[i].name);
  }
  list(anyones_, "");
  out.profiles_.resize(profiles_.size());
  for (std::size_t dialect : {0, 1}) {
    enter(out.bare_[dialect], bare_[dialect], dialect, asked_[dialect]);
    for (std::size_t i = 0; i < profiles_.size(); ++i) {
      enter(out.profiles_[i][dialect], profiles_[i][dialect], dialect, asked_[dialect]);
    }
  }
}

void AliasCompiler::check_words() {
  std::size_t count = rules_.aliases.size();
  const auto check = [this](const Alias& alias) {
    if (std::string text = fault_of(alias); !text.empty()) fault(std::move(text));
  };
  std::ranges::for_each(rules_.aliases, check);
  for (const Profile& profile : rules_.profiles) {
    std::ranges::for_each(profile.aliases, check);
    count += profile.aliases.size();
  }
  if (count > AliasesMax) {
    fault("aliases: expected at most " + std::to_string(AliasesMax) + ", got '" +
          std::to_string(count) + "'");
  }
}

/// Of two definitions of one name the first counts.
void AliasCompiler::define(ByName& names, Definition definition) {
  const auto [at, is_new] = names.emplace(definition.alias->name, definitions_.size());
  if (is_new) definitions_.push_back(definition);
}

void AliasCompiler::define_provider(std::size_t provider) {
  const std::string& name = providers_[provider].name;
  for (const Alias& alias : rules_.aliases) {
    if (alias.scope != Alias::Scope::Provider || alias.provider != name) continue;
    define(own_[provider], {.alias = &alias, .provider = provider, .within = true});
  }
  for (const Alias& alias : rules_.aliases) {
    if (alias.scope != Alias::Scope::EveryProvider) continue;
    define(own_[provider], {.alias = &alias, .provider = provider, .within = true, .copied = true});
  }
  const KnownProvider* const known = facts_.find_provider(name);
  if (known == nullptr || !known->tiers) return;
  const bool within = !known->tiers->by_whole_name;
  const std::pair<std::string_view, std::string_view> tiers[] = {{"haiku", known->tiers->haiku},
                                                                 {"sonnet", known->tiers->sonnet},
                                                                 {"opus", known->tiers->opus}};
  for (const auto& [tier, model] : tiers) {
    if (model.empty()) continue;
    built_in_.push_back({.key = std::string(BuiltIn),
                         .name = std::string(tier),
                         .scope = Alias::Scope::Provider,
                         .provider = name,
                         .targets = {{"!" + std::string(model)}}});
    define(own_[provider], {.alias = &built_in_.back(), .provider = provider, .within = within});
  }
}

void AliasCompiler::define_bare(std::size_t dialect) {
  ByName& names = bare_[dialect];
  names = anyones_;
  const auto asked = asked_[dialect];
  if (asked) names.insert(own_[*asked].begin(), own_[*asked].end());
  // Other providers add the aliases set for them alone, not those copied to every provider.
  for (const ByName& own : own_) {
    for (const auto& [name, definition] : own) {
      const Definition& theirs = definitions_[definition];
      if (!theirs.copied && theirs.alias->key != BuiltIn) names.emplace(name, definition);
    }
  }
}

void AliasCompiler::define_profile(std::size_t profile) {
  ByName own;
  for (const Alias& alias : rules_.profiles[profile].aliases) {
    define(own, {.alias = &alias, .profile = profile});
  }
  for (std::size_t dialect : {0, 1}) {
    profiles_[profile][dialect] = own;
    profiles_[profile][dialect].insert(bare_[dialect].begin(), bare_[dialect].end());
  }
}

bool AliasCompiler::is_list(std::size_t definition) const {
  const Alias& alias = *definitions_[definition].alias;
  return alias.targets.size() > 1 || !alias.fallback.empty();
}

const AliasCompiler::ByName& AliasCompiler::names_seen_from(const Definition& from,
                                                            const ModelRef& ref,
                                                            std::size_t dialect) const {
  if (ref.provider) return own_[*ref.provider];
  if (from.provider) return own_[*from.provider];
  return from.profile ? profiles_[*from.profile][dialect] : bare_[dialect];
}

AliasCompiler::End AliasCompiler::follow(std::size_t start, std::string_view text,
                                         std::size_t dialect) {
  std::vector<std::size_t> path{start};
  for (;;) {
    const Definition& from = definitions_[path.back()];
    const ModelRef ref = parse_model_ref(text, providers_);
    if (!ref.provider && is_missing(from, text)) return {};
    const ByName& names = names_seen_from(from, ref, dialect);
    const std::string name = fold(ref.model);
    const auto next = ref.literal ? names.end() : names.find(name);
    if (next == names.end()) return {settle(from, ref, dialect), std::nullopt};

    // "fast" of every provider may mean "poe:fast"; for poe itself that is no alias.
    if (next->second == path.back() && from.copied) {
      if (path.size() == 1) definitions_[start].skipped = true;
      return {settle(from, ref, dialect), std::nullopt};
    }
    if (std::ranges::find(path, next->second) != path.end()) {
      // The aliases inside the cycle report it, not one that only leads to it.
      if (next->second == start) report_cycle(path);
      return {};
    }
    if (path.size() > rules_.chain_max) {
      fault(definitions_[start].alias->key + ": expected at most " +
            std::to_string(rules_.chain_max) + " aliases on the way to a model");
      return {};
    }
    if (is_list(next->second)) return {std::nullopt, next->second};
    path.push_back(next->second);
    text = definitions_[next->second].alias->targets.front().model;
  }
}

std::optional<Target> AliasCompiler::settle(const Definition& from, const ModelRef& ref,
                                            std::size_t dialect) {
  if (ref.model.empty()) {
    fault(from.alias->key + ": expected a model's name after the provider's");
    return std::nullopt;
  }
  auto provider = ref.provider ? ref.provider : from.provider;
  if (!provider) provider = asked_[dialect];
  if (!provider) {
    // A dialect without a default provider is allowed; when both lack one, the alias is useless.
    if (!asked_[1 - dialect]) {
      fault(from.alias->key +
            ": expected provider:model, as no provider is the default one, got '" +
            std::string(ref.model) + "'");
    }
    return std::nullopt;
  }
  return Target{*provider, std::string(ref.model), providers_[*provider].doors.front().dialect};
}

/// Whether the text names a well-known provider without a key, or a profile, before its colon.
bool AliasCompiler::is_missing(const Definition& from, std::string_view text) {
  const std::string_view whole = text;
  if (text.starts_with('!')) text.remove_prefix(1);
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  std::string name(text.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](char c) { return c == '_' ? c : fold(c); });

  const bool is_profile =
      std::ranges::find(rules_.profiles, name, &Profile::name) != rules_.profiles.end();
  const bool is_provider = facts_.find_provider(name) != nullptr;
  if (!is_profile && !is_provider) return false;
  std::string said = from.alias->key + ": expected a provider that has a key before ':', got '" +
                     std::string(whole) + "'";
  if (is_profile || rules_.missing == MissingProviders::Refused) {
    fault(std::move(said));
  } else if (said += "; left out";
             std::ranges::find(findings_.notices, said) == findings_.notices.end()) {
    findings_.notices.push_back(std::move(said));
  }
  return true;
}

/// Reports each cycle once, for the alias that was defined first.
void AliasCompiler::report_cycle(const std::vector<std::size_t>& path) {
  if (*std::ranges::min_element(path) != path.front()) return;
  std::string text = definitions_[path.front()].alias->key +
                     ": expected a chain that ends with a model, got a cycle: ";
  for (const std::size_t step : path) {
    const Definition& definition = definitions_[step];
    if (definition.copied) text += providers_[*definition.provider].name + ":";
    text += definition.alias->key + " -> ";
  }
  fault(text + definitions_[path.front()].alias->key);
}

std::size_t AliasCompiler::plan_of(std::size_t definition, std::size_t dialect) {
  if (definitions_[definition].provider) dialect = 0;  // the same plan for both
  const std::pair key{definition, dialect};
  if (const auto known = plans_.find(key); known != plans_.end()) return known->second;

  Plan plan;
  if (is_list(definition)) {
    plan = list_plan(definition, dialect);
  } else {
    const Alias& alias = *definitions_[definition].alias;
    End end = follow(definition, alias.targets.front().model, dialect);
    // The alias leads to a list of targets: both names share the list's plan and its round robin.
    if (end.second) return plans_[key] = plan_of(*end.second, dialect);
    if (end.first) add_target(plan, std::move(*end.first), 1);
  }
  plan.slot = out_->plans_.size();
  out_->plans_.push_back(std::move(plan));
  return plans_[key] = out_->plans_.size() - 1;
}

Plan AliasCompiler::list_plan(std::size_t definition, std::size_t dialect) {
  const Alias& alias = *definitions_[definition].alias;
  Plan plan{.balance = alias.balance, .affinity = alias.affinity};
  const auto end_of = [&](const std::string& text) -> std::optional<Target> {
    End end = follow(definition, text, dialect);
    if (end.second) {
      fault(alias.key + ": expected a model, got '" + text + "', which is a list of targets");
    }
    return std::move(end.first);
  };
  for (const WeightedModel& model : alias.targets) {
    if (auto target = end_of(model.model)) add_target(plan, std::move(*target), model.weight);
  }
  for (const std::string& model : alias.fallback) {
    auto target = end_of(model);
    if (!target) continue;
    const bool listed =
        std::ranges::find(plan.fallback, *target) != plan.fallback.end() ||
        std::ranges::find(plan.choices, *target, &Plan::Choice::target) != plan.choices.end();
    if (!listed) plan.fallback.push_back(std::move(*target));
  }
  if (plan.choices.empty() && !plan.fallback.empty()) {
    add_target(plan, plan.fallback.front(), 1);
    plan.fallback.erase(plan.fallback.begin());
  }
  return plan;
}

/// Adds a target. One that is already in the plan gets the sum of both weights.
void AliasCompiler::add_target(Plan& plan, Target target, std::uint32_t weight) const {
  const auto same = std::ranges::find(plan.choices, target, &Plan::Choice::target);
  if (same != plan.choices.end()) {
    same->weight += weight;
    return;
  }
  const std::string name = providers_[target.provider].name + ":" + target.model;
  plan.choices.push_back({std::move(target), weight, fnv1a_64(name)});
}

/// Enters the names of one place. A name is found inside a longer model name only when its own
/// provider is asked, so that one provider's alias never renames another's model.
void AliasCompiler::enter(AliasTable::Names& names, const ByName& from, std::size_t dialect,
                          std::optional<std::size_t> asked) {
  constexpr std::size_t WithinBytesMin = 3;  // shorter ones occur in too many names
  const auto add = [&](std::string_view name, std::size_t index) {
    const std::size_t plan = plan_of(index, dialect);
    const Definition& definition = definitions_[index];
    if (definition.skipped) return;
    const bool within =
        definition.within && definition.provider == asked && name.size() >= WithinBytesMin;
    const bool built_in = definition.alias->key == BuiltIn;
    names.entries.push_back({std::string(name), within, built_in, plan});
  };
  for (const auto& [name, index] : from) add(name, index);
  // An asked provider's alias whose name is taken here still counts inside longer names.
  if (asked) {
    for (const auto& [name, index] : own_[*asked]) {
      if (from.at(name) != index) add(name, index);
    }
  }
  names.sort();
}

void AliasCompiler::list(const ByName& names, std::string_view provider) {
  for (const auto& [name, index] : names) {
    const Definition& definition = definitions_[index];
    if (definition.skipped) continue;
    std::string targets;
    for (const WeightedModel& target : definition.alias->targets) {
      targets.append(targets.empty() ? "" : ", ").append(target.model);
    }
    const bool built_in = definition.alias->key == BuiltIn;
    // Built-in targets begin with '!', which is of no use to readers.
    if (built_in) targets.erase(0, 1);
    out_->listed_.push_back(
        {std::string(provider), std::string(name), std::move(targets), built_in});
  }
}

void AliasCompiler::fault(std::string text) {
  auto& faults = findings_.faults;
  if (std::ranges::find(faults, text) == faults.end()) faults.push_back(std::move(text));
}

}  // namespace vdm::proxy
