#include "proxy-service/providers/litellm_reader.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "common/base/text.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

constexpr std::string_view ProviderMember = "litellm_provider";

std::optional<double> number(const json::object& entry, std::string_view name) {
  const json::value* value = entry.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double read = value->to_number<double>();
  if (!std::isfinite(read) || read < 0) return std::nullopt;
  return read;
}

std::optional<std::int64_t> tokens(const json::object& entry, std::string_view name) {
  const auto read = number(entry, name);
  if (!read || *read < 1 || *read > 1e12) return std::nullopt;
  return static_cast<std::int64_t>(*read);
}

/// A price per token, as one per million; rounded, since the file holds products of powers of ten.
std::optional<double> per_million(const json::object& entry, const std::string& name) {
  const auto read = number(entry, name);
  if (!read) return std::nullopt;
  return std::round(*read * 1e12) / 1e6;
}

Prices prices(const json::object& entry, const std::string& suffix) {
  return {.input = per_million(entry, "input_cost_per_token" + suffix),
          .output = per_million(entry, "output_cost_per_token" + suffix),
          .cache_read = per_million(entry, "cache_read_input_token_cost" + suffix),
          .cache_write = per_million(entry, "cache_creation_input_token_cost" + suffix)};
}

bool states(const json::object& entry, std::string_view name, bool wanted) {
  const json::value* value = entry.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool() == wanted;
}

void read_trait(const json::object& entry, std::string_view name, Trait trait, FactsRow& row) {
  for (const bool value : {false, true}) {
    if (!states(entry, name, value)) continue;
    row.stated_traits.set(trait);
    row.facts.traits.set(trait, value);
  }
}

FactsRow row_of(const json::object& entry) {
  FactsRow row;
  ModelFacts& facts = row.facts;
  facts.context_tokens = tokens(entry, "max_input_tokens");
  facts.output_tokens_max = tokens(entry, "max_output_tokens");
  facts.prices = prices(entry, "");
  row.has_prices = facts.prices != Prices{};
  for (const std::int64_t thousands : {128, 200, 256, 272, 512}) {
    const std::string suffix = "_above_" + std::to_string(thousands) + "k_tokens";
    Prices tier = prices(entry, suffix);
    if (tier != Prices{}) facts.price_tiers.push_back({thousands * 1000, tier});
  }
  if (entry.contains("supports_vision")) {
    row.has_input = true;
    facts.input = {"text"};
    if (states(entry, "supports_vision", true)) facts.input.emplace_back("image");
    if (states(entry, "supports_audio_input", true)) facts.input.emplace_back("audio");
    if (states(entry, "supports_pdf_input", true)) facts.input.emplace_back("document");
  }
  read_trait(entry, "supports_response_schema", Trait::TakesStrict, row);
  read_trait(entry, "supports_parallel_function_calling", Trait::TakesParallelToolCalls, row);
  if (states(entry, "supports_reasoning", false)) row.has_reasoning = true;
  return row;
}

const std::string& our_name(const std::map<std::string, std::string, std::less<>>& names,
                            const std::string& theirs) {
  const auto found = names.find(theirs);
  return found == names.end() ? theirs : found->second;
}

}  // namespace

bool read_litellm(std::string_view text, const FactsTable& known, FactsDocuments& out) {
  if (text.size() > FactsFileBytesMax) return false;
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* entries = error ? nullptr : value.if_object();
  if (entries == nullptr || entries->contains("provider") || entries->contains("dialect"))
    return false;
  const bool is_theirs = std::ranges::any_of(*entries, [](const auto& entry) {
    const json::object* object = entry.value().if_object();
    return object != nullptr && object->contains(ProviderMember);
  });
  if (!is_theirs) return false;

  std::map<std::string, std::string, std::less<>> names;
  for (const auto& [name, provider] : known.providers()) {
    for (const std::string& theirs : provider.litellm_names) names.emplace(theirs, name);
  }
  std::map<std::string, KnownProvider> providers;
  for (const auto& [key, member] : *entries) {
    const json::object* entry = member.if_object();
    const json::value* of = entry == nullptr ? nullptr : entry->if_contains(ProviderMember);
    if (of == nullptr || !of->is_string() || key == "sample_spec") continue;
    const json::value* mode = entry->if_contains("mode");
    if (mode != nullptr && *mode != "chat" && *mode != "responses") continue;
    const std::string theirs = lower(of->get_string());
    std::string model = lower(key);
    if (model.starts_with(theirs + "/")) model.erase(0, theirs.size() + 1);
    KnownProvider& provider = providers[our_name(names, theirs)];
    provider.models.insert_or_assign(std::move(model), row_of(*entry));
  }
  for (auto& [name, provider] : providers) {
    provider.name = name;
    out.providers.push_back(std::move(provider));
  }
  return true;
}

}  // namespace vdm::proxy
