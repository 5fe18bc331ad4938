#include "proxy-service/catalog/top_models.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <vector>

#include <absl/time/time.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/base/env.h"
#include "proxy-service/catalog/model_list.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

constexpr std::size_t LimitMax = 50;
constexpr double TokensPriced = 1e6;

/// One model with the figures that are compared.
struct Candidate {
  json::object shown;
  std::string name;  ///< as a client asks for it
  std::optional<double> average_price{};
  std::int64_t context = 0;
};

const json::value* find(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

const json::object* find_object(const json::object& object, json::string_view name) {
  const json::value* value = find(object, name);
  return value != nullptr ? value->if_object() : nullptr;
}

/// A price in US dollars per token, as a number or a text ("0.000003"); the result is per million.
std::optional<double> price(const json::object& pricing, json::string_view name) {
  const json::value* value = find(pricing, name);
  if (value == nullptr) return std::nullopt;
  double dollars = -1;
  if (const json::string* text = value->if_string()) {
    const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), dollars);
    if (fault != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  } else if (value->is_number()) {
    dollars = value->to_number<double>();
  }
  // Providers write a price below 0 when it depends on something.
  if (!std::isfinite(dollars) || dollars < 0) return std::nullopt;
  return dollars * TokensPriced;
}

std::int64_t context_of(const json::object& model) {
  for (const char* name : {"context_length", "context_window", "max_input_tokens"}) {
    const json::value* value = find(model, name);
    if (value == nullptr || !value->is_number()) continue;
    boost::system::error_code too_large;
    const auto tokens = value->to_number<std::int64_t>(too_large);
    if (!too_large && tokens > 0) return tokens;
  }
  return 0;
}

json::array capabilities_of(const json::object& model) {
  std::set<std::string> words;
  const auto add = [&words](const json::object& from, json::string_view name) {
    const json::value* list = find(from, name);
    if (list == nullptr || !list->is_array()) return;
    for (const json::value& word : list->get_array()) {
      if (word.is_string()) words.emplace(word.get_string());
    }
  };
  for (const char* name : {"capabilities", "modalities", "tags"}) add(model, name);
  if (const json::object* architecture = find_object(model, "architecture")) {
    add(*architecture, "input_modalities");
  }
  return json::array(words.begin(), words.end());
}

json::object pricing_of(const json::object& model, std::optional<double>& average) {
  json::object shown;
  const json::object* pricing = find_object(model, "pricing");
  if (pricing == nullptr) return shown;
  const auto input = price(*pricing, "prompt");
  const auto output = price(*pricing, "completion");
  if (input) shown["input_per_million"] = *input;
  if (output) shown["output_per_million"] = *output;
  if (input && output) {
    average = (*input + *output) / 2;
    shown["average_per_million"] = *average;
  }
  return shown;
}

std::optional<Candidate> candidate(const std::string& provider, const json::object& model) {
  const json::value* id = find(model, "id");
  if (id == nullptr || !id->is_string()) return std::nullopt;
  Candidate found{.shown = {}, .name = provider + ":" + std::string(id->get_string())};
  found.context = context_of(model);
  const json::value* name = find(model, "name");
  if (name == nullptr) name = find(model, "display_name");
  const std::string_view text(id->get_string().data(), id->get_string().size());
  const std::size_t slash = text.find('/');
  const json::value sub = slash == std::string_view::npos
                              ? json::value(nullptr)
                              : json::value(json::string(text.substr(0, slash)));
  found.shown = {
      {"id", *id},
      {"name", name != nullptr ? *name : json::value(nullptr)},
      {"provider", provider},
      {"sub_provider", sub},
      {"context_window", found.context > 0 ? json::value(found.context) : json::value(nullptr)},
      {"capabilities", capabilities_of(model)},
      {"pricing", pricing_of(model, found.average_price)}};
  return found;
}

std::vector<Candidate> first_of(std::span<const ProviderModels> lists, std::size_t limit) {
  std::vector<Candidate> found;
  for (const ProviderModels& list : lists) {
    boost::system::error_code malformed;
    const json::value parsed = json::parse(list.copy->body, malformed);
    if (malformed) continue;
    const json::value* data = parsed.is_object() ? find(parsed.get_object(), "data") : &parsed;
    if (data == nullptr || !data->is_array()) continue;
    for (const json::value& model : data->get_array()) {
      if (found.size() == limit) return found;
      if (!model.is_object()) continue;
      if (auto one = candidate(list.provider, model.get_object())) {
        found.push_back(std::move(*one));
      }
    }
  }
  return found;
}

json::object suggested(const std::vector<Candidate>& models) {
  json::object names;
  if (models.empty()) return names;
  names["top"] = models.front().name;
  const Candidate* cheapest = nullptr;
  const Candidate* longest = nullptr;
  for (const Candidate& model : models) {
    const bool cheaper = model.average_price &&
                         (cheapest == nullptr || *model.average_price < *cheapest->average_price);
    if (cheaper) cheapest = &model;
    if (model.context > (longest == nullptr ? 0 : longest->context)) longest = &model;
  }
  if (cheapest != nullptr) names["top-cheap"] = cheapest->name;
  if (longest != nullptr) names["top-longctx"] = longest->name;
  return names;
}

std::string date_and_millis(SystemTime at) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3S%Ez", absl::FromChrono(at), absl::UTCTimeZone());
}

json::object meta_of(std::span<const ProviderModels> lists, bool cache_info) {
  json::object meta{{"excluded_rules", json::array()}};
  if (!cache_info) return meta;
  json::array caches;
  for (const ProviderModels& list : lists) {
    caches.push_back(json::object{{"provider", list.provider},
                                  {"last_updated", date_and_millis(list.copy->at)},
                                  {"stale", list.stale}});
  }
  meta["lists"] = std::move(caches);
  return meta;
}

}  // namespace

Result<TopModelsWanted> top_models_wanted(std::string_view query) {
  TopModelsWanted wanted;
  const std::string limit = query_value(query, "limit");
  if (!limit.empty()) {
    const auto parsed = parse_count("limit", limit, 1, LimitMax);
    if (!parsed) return parsed.error();
    wanted.limit = static_cast<std::size_t>(*parsed);
  }
  wanted.provider = query_value(query, "provider");
  wanted.refresh = query_value(query, "refresh") == "true";
  wanted.cache_info = query_value(query, "include_cache_info") == "true";
  return wanted;
}

std::string top_models(std::span<const ProviderModels> lists, const TopModelsWanted& wanted,
                       SystemTime now) {
  const std::vector<Candidate> found = first_of(lists, wanted.limit);
  SystemTime oldest = now;
  bool stale = false;
  for (const ProviderModels& list : lists) {
    oldest = std::min(oldest, list.copy->at);
    stale = stale || list.stale;
  }
  std::set<std::string> providers;
  std::set<std::string> sub_providers;
  json::array models;
  for (const Candidate& model : found) {
    providers.emplace(model.shown.at("provider").as_string());
    const json::value& sub = model.shown.at("sub_provider");
    if (sub.is_string()) sub_providers.emplace(sub.get_string());
    models.push_back(model.shown);
  }
  return json::serialize(
      json::object{{"object", "top_models"},
                   {"source", "providers"},
                   {"last_updated", date_and_millis(oldest)},
                   {"stale", stale},
                   {"providers", json::array(providers.begin(), providers.end())},
                   {"sub_providers", json::array(sub_providers.begin(), sub_providers.end())},
                   {"models", std::move(models)},
                   {"suggested_aliases", suggested(found)},
                   {"meta", meta_of(lists, wanted.cache_info)}});
}

}  // namespace vdm::proxy
