#include "proxy-service/catalog/alias_list.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace vdm::proxy {
namespace {

namespace json = boost::json;

std::string targets_of(const Alias& alias) {
  std::string targets;
  for (const WeightedModel& target : alias.targets) {
    targets.append(targets.empty() ? "" : ", ").append(target.model);
  }
  return targets;
}

json::object shown(const Profile& profile) {
  json::object names;
  for (const Alias& alias : profile.aliases) names[alias.name] = targets_of(alias);
  json::object out{{"name", profile.name},        {"timeout", nullptr},
                   {"max_retries", nullptr},      {"alias_count", names.size()},
                   {"aliases", std::move(names)}, {"source", "local"}};
  const ProfileTerms& terms = profile.terms;
  if (terms.timeout) out["timeout"] = static_cast<double>(terms.timeout->count()) / 1000;
  if (terms.retries_max) out["max_retries"] = *terms.retries_max;
  return out;
}

const Profile* find_profile(const AliasRules& rules, std::string_view name) {
  const auto found = std::ranges::find_if(
      rules.profiles, [name](const Profile& profile) { return fold(profile.name) == fold(name); });
  return found != rules.profiles.end() ? &*found : nullptr;
}

}  // namespace

Answer aliases(const Worker& worker) {
  json::object by_provider;
  std::size_t total = 0;
  for (const AliasTable::Listed& alias : worker.snapshot.resolver.aliases().listed()) {
    json::value& names = by_provider[alias.provider.empty() ? "*" : alias.provider];
    if (names.is_null()) names = json::object();
    names.get_object()[alias.name] = alias.targets;
    ++total;
  }
  return {.body = json::serialize(json::object{{"object", "list"},
                                               {"aliases", std::move(by_provider)},
                                               {"suggested", json::object()},
                                               {"total", total}})};
}

Answer profiles(const Worker& worker) {
  json::array data;
  for (const Profile& profile : worker.config.aliases.profiles) data.push_back(shown(profile));
  return {.body = json::serialize(json::object{{"object", "list"}, {"data", std::move(data)}})};
}

std::optional<std::string> models_of_profile(const Worker& worker, std::string_view name,
                                             Dialect client) {
  const AliasRules& rules = worker.config.aliases;
  const bool marked = name.starts_with('#');
  if (marked) name.remove_prefix(1);
  const Profile* const profile = find_profile(rules, name.empty() ? rules.default_profile : name);
  if (profile == nullptr) return marked ? std::optional<std::string>("") : std::nullopt;
  // A balancer of its own, so that listing models changes no worker's round robin.
  Balancer balancer;
  json::array data;
  for (const Alias& alias : profile->aliases) {
    const auto route =
        worker.snapshot.resolver.resolve(profile->name + ":" + alias.name, client, balancer);
    if (!route) continue;
    const std::string& provider = worker.config.providers[route->first.provider].name;
    data.push_back(json::object{{"id", provider + ":" + route->first.model},
                                {"alias", alias.name},
                                {"object", "model"},
                                {"created", nullptr},
                                {"owned_by", provider}});
  }
  return json::serialize(json::object{{"object", "list"}, {"data", std::move(data)}});
}

}  // namespace vdm::proxy
