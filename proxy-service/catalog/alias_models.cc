#include "proxy-service/catalog/alias_models.h"

#include <algorithm>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "proxy-service/catalog/model_facts_list.h"
#include "proxy-service/routing/alias_id.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

void keep_smaller(std::int64_t& least, const std::optional<std::int64_t>& tokens) {
  if (tokens && (least == 0 || *tokens < least)) least = *tokens;
}

/// Adds the alias. An alias without a target for this client is no model.
void add(std::vector<AliasModel>& models, const Worker& worker, Dialect client,
         const std::string& alias, bool built_in) {
  // A balancer of its own, so that listing models changes no worker's round robin.
  Balancer balancer;
  const std::string id = alias_id(alias);
  const auto route = worker.snapshot.resolver.resolve(id, client, balancer);
  if (!route || (built_in && is_accepted_id(route->first.model))) return;
  if (std::ranges::find(models, id, &AliasModel::id) != models.end()) return;
  const Target& first = route->first;
  AliasModel model{.id = id,
                   .alias = alias,
                   .target = worker.config.providers[first.provider].name + ":" + first.model,
                   .others = route->rest.size()};
  const auto limit = [&](const Target& target) {
    const ModelFacts facts = facts_of(worker, target);
    keep_smaller(model.context_tokens, facts.context_tokens);
    keep_smaller(model.output_tokens_max, facts.output_tokens_max);
  };
  limit(first);
  std::ranges::for_each(route->rest, limit);
  models.push_back(std::move(model));
}

json::object written(const AliasModel& model) {
  std::string description = model.target;
  if (model.others > 0) description += " and " + std::to_string(model.others) + " more";
  if (model.context_tokens > 0) {
    description += ", window " + std::to_string(model.context_tokens) + " tokens";
  }
  json::object out{{"id", model.id},
                   {"type", "model"},
                   {"display_name", model.alias},
                   {"description", description},
                   {"created_at", "1970-01-01T00:00:00Z"},
                   {"alias", model.alias},
                   {"target", model.target}};
  if (model.context_tokens > 0) out["max_input_tokens"] = model.context_tokens;
  if (model.output_tokens_max > 0) out["max_tokens"] = model.output_tokens_max;
  return out;
}

}  // namespace

std::vector<AliasModel> alias_models(const Worker& worker, Dialect client,
                                     std::string_view profile) {
  std::vector<AliasModel> models;
  if (profile.empty()) {
    for (const auto& bare : worker.snapshot.resolver.bare_aliases(client)) {
      add(models, worker, client, std::string(bare.name), bare.built_in);
    }
  }
  for (const Profile& each : worker.config.aliases.profiles) {
    if (!profile.empty() && fold(each.name) != fold(profile)) continue;
    for (const Alias& alias : each.aliases) {
      add(models, worker, client, each.name + ":" + alias.name, false);
    }
  }
  return models;
}

std::string with_alias_models(std::string_view anthropic_list,
                              const std::vector<AliasModel>& aliases) {
  json::array data;
  for (const AliasModel& alias : aliases) data.push_back(written(alias));
  json::object list;
  boost::system::error_code malformed;
  json::value parsed =
      json::parse(json::string_view(anthropic_list.data(), anthropic_list.size()), malformed);
  if (!malformed && parsed.is_object()) list = std::move(parsed.get_object());
  if (const json::value* theirs = list.if_contains("data"); theirs && theirs->is_array()) {
    const json::array& models = theirs->get_array();
    data.insert(data.end(), models.begin(), models.end());
  }
  list["first_id"] = data.empty() ? json::value(nullptr) : data.front().at("id");
  list["last_id"] = data.empty() ? json::value(nullptr) : data.back().at("id");
  list["has_more"] = false;
  list["data"] = std::move(data);
  return json::serialize(list);
}

}  // namespace vdm::proxy
