#include "proxy-service/catalog/model_facts_list.h"

#include <chrono>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "proxy-service/catalog/model_list.h"
#include "proxy-service/providers/facts_writer.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

DoorDialect door_of(Dialect dialect) {
  return dialect == Dialect::Anthropic ? DoorDialect::Messages : DoorDialect::Chat;
}

FoundFacts facts_of(const Worker& worker, const Provider& provider, std::string_view model,
                    Dialect dialect) {
  FoundFacts found = worker.config.models.facts->find(provider.name, model, door_of(dialect));
  worker.snapshot.server.learned.apply(provider.name, model, worker.now, found.facts);
  return found;
}

json::array lessons(const Worker& worker, std::string_view provider, std::string_view model) {
  json::array out;
  for (const auto& lesson : worker.snapshot.server.learned.lessons(worker.now)) {
    if (!provider.empty() && (lesson.provider != provider || lesson.model != model)) continue;
    const auto left = std::chrono::ceil<std::chrono::seconds>(lesson.until - worker.now);
    out.push_back(json::object{{"provider", lesson.provider},
                               {"model", lesson.model},
                               {"refused", lesson.member},
                               {"forgotten_in_seconds", left.count()}});
  }
  return out;
}

json::array layers(const FoundFacts& found) {
  constexpr std::string_view Matches[] = {"default", "exact", "same_model", "family"};
  json::array out;
  for (const FactsLayer& layer : found.layers) {
    const std::string_view match = Matches[static_cast<std::size_t>(layer.match)];
    out.push_back(json::object{{"provider", layer.provider},
                               {"row", layer.row},
                               {"match", json::string_view(match.data(), match.size())}});
  }
  return out;
}

}  // namespace

ModelFacts facts_of(const Worker& worker, const Target& target) {
  const Provider& provider = worker.config.providers[target.provider];
  return facts_of(worker, provider, target.model, target.dialect).facts;
}

Answer model_facts(const Worker& worker, std::string_view query, Dialect client) {
  const std::string name = query_value(query, "model");
  if (name.empty()) {
    return {.body = json::serialize(json::object{{"learned", lessons(worker, "", "")}})};
  }
  // A balancer of its own, so that a look-up changes no worker's round robin.
  Balancer balancer;
  const auto route = worker.snapshot.resolver.resolve(name, client, balancer);
  if (!route) {
    const Refusal refusal = refusal_of(route.error());
    return {.status = refusal.status, .body = error_body(client, refusal, "")};
  }
  const Target& target = route->first;
  const Provider& provider = worker.config.providers[target.provider];
  const FoundFacts found = facts_of(worker, provider, target.model, target.dialect);
  const std::string_view door = word_of(door_of(target.dialect));
  return {.body = json::serialize(
              json::object{{"provider", provider.name},
                           {"model", target.model},
                           {"door", json::string_view(door.data(), door.size())},
                           {"rows", layers(found)},
                           {"facts", facts_row_json(found.facts)},
                           {"learned", lessons(worker, provider.name, target.model)}})};
}

Result<std::string> list_with_facts(const Worker& worker, std::size_t index, Dialect client,
                                    std::string_view provider_json) {
  const auto list = model_list(provider_json, ModelFormat::OpenAi);
  if (!list) return list.error();
  const Provider& provider = worker.config.providers[index];
  const Dialect door = door_for(provider, client).dialect;
  json::value parsed = json::parse(*list);
  json::array models;
  for (json::value& value : parsed.at("data").as_array()) {
    json::object& model = value.as_object();
    const json::value* id = model.if_contains("id");
    if (id == nullptr || !id->is_string()) continue;
    json::object out{{"id", *id}, {"provider", provider.name}};
    for (const char* member : {"owned_by", "created"}) {
      if (const json::value* found = model.if_contains(member)) out.emplace(member, *found);
    }
    out.emplace(
        "facts",
        facts_row_json(facts_of(worker, provider, std::string(id->get_string()), door).facts));
    models.push_back(std::move(out));
  }
  return json::serialize(json::object{{"object", "list"}, {"data", std::move(models)}});
}

}  // namespace vdm::proxy
