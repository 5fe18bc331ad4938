#include "proxy-service/routing/resolver.h"

#include <algorithm>
#include <cctype>

#include "common/base/suggest.h"
#include "common/base/text.h"
#include "proxy-service/routing/model_ref.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t ShownBytesMax = 80;

Error unknown_model(std::string_view model, const std::vector<Provider>& providers) {
  std::string known;
  for (const Provider& provider : providers) {
    if (is_implied(provider)) continue;
    known.append(known.empty() ? "" : ", ").append(provider.name);
  }
  std::string message = "model: no provider is known for '";
  message.append(model.substr(0, ShownBytesMax)).append("'; write provider:model with one of ");
  message.append(known.empty() ? "(none configured)" : known);
  return Error{ErrorKind::UnknownModel, std::move(message)};
}

Error absent(std::string_view provider, std::string_view model) {
  Error error = no_key_of(provider);
  error.message.append("; a model of that name is written !");
  error.message.append(model.substr(0, ShownBytesMax));
  return error;
}

/// What stands before the first colon, in lower case; empty when there is none.
std::string stated_provider(std::string_view model) {
  constexpr std::size_t NameBytesMax = 64;
  const auto colon = model.find(':');
  return colon > NameBytesMax ? std::string() : lower(model.substr(0, colon));
}

}  // namespace

Resolver::Resolver(const std::vector<Provider>& providers, std::string_view default_provider,
                   const AliasRules& rules, const FactsTable& facts,
                   const std::vector<std::string>& removed)
    : providers_(providers),
      asked_{asked_by(Dialect::Anthropic, default_provider, facts),
             asked_by(Dialect::OpenAi, default_provider, facts)},
      aliases_(providers, asked_, rules, facts, findings_) {
  for (const Profile& profile : rules.profiles) profiles_.push_back({profile.name, profile.terms});
  if (!rules.default_profile.empty()) default_profile_ = find_profile(rules.default_profile);
  absent_ = removed;
  for (const auto& [name, provider] : facts.providers()) absent_.push_back(name);
  std::erase_if(absent_, [this](const std::string& name) {
    return find_provider(providers_, name).has_value();
  });
  std::ranges::sort(absent_);
}

std::string_view Resolver::absent_provider(std::string_view model) const {
  if (model.find(':') == std::string_view::npos) return {};  // as most models are named
  const std::string stated = stated_provider(model);
  if (stated.empty()) return {};
  const auto found = std::ranges::lower_bound(absent_, stated);
  return found != absent_.end() && *found == stated ? std::string_view(*found) : std::string_view();
}

std::string Resolver::near_miss(std::string_view model) const {
  const std::string stated = stated_provider(model);
  if (stated.empty() || find_provider(providers_, stated) || !absent_provider(model).empty()) {
    return {};
  }
  std::vector<std::string_view> names(absent_.begin(), absent_.end());
  for (const Provider& provider : providers_) names.push_back(provider.name);
  const std::string meant = suggestion(stated, names);
  if (meant.empty()) return {};
  return meant + std::string(model.substr(stated.size(), ShownBytesMax));
}

std::optional<std::size_t> Resolver::asked_by(Dialect client, std::string_view default_provider,
                                              const FactsTable& facts) const {
  if (const auto chosen = find_provider(providers_, default_provider)) return chosen;
  // One that no setting asks for serves bare names only where there is no other.
  const bool all_implied = std::ranges::all_of(providers_, is_implied);
  std::vector<std::size_t> servers;
  for (std::size_t index = 0; index < providers_.size(); ++index) {
    if (all_implied || !is_implied(providers_[index])) servers.push_back(index);
  }
  if (servers.size() == 1) return servers.front();
  const auto only_one = [&](const auto& serves) -> std::optional<std::size_t> {
    const auto first = std::ranges::find_if(servers, serves);
    if (first == servers.end() || std::find_if(first + 1, servers.end(), serves) != servers.end()) {
      return std::nullopt;
    }
    return *first;
  };
  const auto home = [&](DoorDialect dialect) {
    return only_one(
        [&](std::size_t index) { return providers_[index].name == facts.home_of(dialect); });
  };
  const bool messages = client == Dialect::Anthropic;
  const auto own = home(messages ? DoorDialect::Messages : DoorDialect::Chat);
  if (own) return own;
  const auto only = only_one(
      [&](std::size_t index) { return providers_[index].doors.front().dialect == client; });
  return only ? only : home(messages ? DoorDialect::Chat : DoorDialect::Messages);
}

std::optional<std::size_t> Resolver::find_profile(std::string_view name) const {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == b; };
  for (std::size_t i = 0; i < profiles_.size(); ++i) {
    if (std::ranges::equal(name, profiles_[i].profile, same)) return i;
  }
  return std::nullopt;
}

void Resolver::take_doors(ModelRoute& route, Dialect client) const {
  const auto take = [&](Target& target) {
    target.dialect = door_for(providers_[target.provider], client).dialect;
  };
  take(route.first);
  std::ranges::for_each(route.rest, take);
}

Result<ModelRoute> Resolver::resolve(std::string_view model, Dialect client, Balancer& balancer,
                                     const RouteHints& hints) const {
  std::string_view name = model;
  std::optional<std::size_t> profile;
  if (!profiles_.empty() && !name.starts_with('!')) {
    const auto colon = name.find(':');
    if (colon != std::string_view::npos) profile = find_profile(name.substr(0, colon));
    if (profile) name.remove_prefix(colon + 1);
  }
  const ModelRef ref = parse_model_ref(name, providers_);
  if (ref.model.empty()) {
    return Error{ErrorKind::InvalidRequest, "model: expected a model's name, got '" +
                                                std::string(model.substr(0, ShownBytesMax)) + "'"};
  }
  if (!profile && !ref.provider && !ref.literal) profile = default_profile_;
  const ProfileTerms terms = profile ? profiles_[*profile].terms : ProfileTerms{};
  const std::string_view missing =
      ref.provider || ref.literal ? std::string_view() : absent_provider(name);
  const auto match = missing.empty() ? AliasTable::Match::Any : AliasTable::Match::Whole;
  if (const Plan* plan = ref.literal ? nullptr : aliases_.find(ref, profile, client, match)) {
    if (plan->choices.empty()) return unknown_model(model, providers_);
    ModelRoute route = balancer.route(*plan, hints);
    route.terms = terms;
    take_doors(route, client);
    return route;
  }
  if (!missing.empty()) return absent(missing, name);
  const auto provider = ref.provider ? ref.provider : asked(client);
  if (!provider) return unknown_model(model, providers_);

  const Dialect dialect = door_for(providers_[*provider], client).dialect;
  return ModelRoute{
      .first = {*provider, std::string(ref.model), dialect}, .terms = terms, .named = *provider};
}

}  // namespace vdm::proxy
