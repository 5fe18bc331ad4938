#include "proxy-service/providers/facts_table.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "proxy-service/providers/built_in.h"
#include "proxy-service/providers/model_name.h"

namespace vdm::proxy {
namespace {

/// Whether a family's name may end before this character: "gpt-5" is a prefix of "gpt-5-nano" and
/// of "gpt-5.9", not of "gpt-50".
bool ends_a_word(char next) {
  return std::string_view("-.:@_ ").find(next) != std::string_view::npos;
}

void merge(FactsRow& into, const FactsRow& from) {
  FactsRow merged = into;
  from.apply_to(merged.facts, FactsRow::Part::Everything);
  for (const TraitName& name : TraitNames) {
    if (from.stated_traits.has(name.trait)) merged.stated_traits.set(name.trait);
  }
  merged.has_input |= from.has_input;
  merged.has_prices |= from.has_prices;
  merged.has_cache_ttl |= from.has_cache_ttl;
  merged.has_reasoning |= from.has_reasoning;
  merged.has_reasoning_request |= from.has_reasoning_request;
  merged.has_efforts |= from.has_efforts;
  merged.has_reasoning_history |= from.has_reasoning_history;
  merged.has_token_limit |= from.has_token_limit;
  merged.has_call_ids |= from.has_call_ids;
  merged.has_session_header |= from.has_session_header;
  into = std::move(merged);
}

void merge(KnownProvider& into, KnownProvider from) {
  if (!from.source.empty()) into.source = std::move(from.source);
  into.is_maker |= from.is_maker;
  if (!from.vendor_names.empty()) into.vendor_names = std::move(from.vendor_names);
  if (!from.litellm_names.empty()) into.litellm_names = std::move(from.litellm_names);
  if (!from.models_of.empty()) into.models_of = std::move(from.models_of);
  for (KnownDoor& door : from.doors) {
    const auto same = std::ranges::find(into.doors, door.dialect, &KnownDoor::dialect);
    if (same == into.doors.end()) {
      into.doors.push_back(std::move(door));
    } else {
      *same = std::move(door);
    }
  }
  if (from.tiers) into.tiers = std::move(from.tiers);
  if (!from.keys_begin.empty()) into.keys_begin = std::move(from.keys_begin);
  if (!from.subscriptions_begin.empty()) {
    into.subscriptions_begin = std::move(from.subscriptions_begin);
  }
  merge(into.defaults, from.defaults);
  for (const auto& [name, row] : from.models) merge(into.models[name], row);
}

bool is_vendor(const KnownProvider& maker, std::string_view vendor) {
  return maker.name == vendor ||
         std::ranges::find(maker.vendor_names, vendor) != maker.vendor_names.end();
}

FactsRow::Part part_of(RowMatch match) {
  return match == RowMatch::Prefix ? FactsRow::Part::Abilities : FactsRow::Part::Everything;
}

}  // namespace

const FactsTable& FactsTable::built_in() {
  static const FactsTable table = [] {
    FactsTable made;
    made.add(built_in_facts());
    return made;
  }();
  return table;
}

std::shared_ptr<const FactsTable> FactsTable::built_in_shared() {
  return {std::shared_ptr<const void>(), &built_in()};  // it lives as long as the program
}

void FactsTable::add(FactsDocuments documents) {
  for (std::size_t i = 0; i < dialects_.size(); ++i) {
    merge(dialects_[i], documents.dialects[i]);
    if (!documents.homes[i].empty()) homes_[i] = std::move(documents.homes[i]);
  }
  for (KnownProvider& provider : documents.providers) {
    const auto [at, is_new] = providers_.try_emplace(provider.name);
    if (is_new) at->second.name = provider.name;
    merge(at->second, std::move(provider));
  }
}

const KnownProvider* FactsTable::find_provider(std::string_view name) const {
  const auto found = providers_.find(name);
  return found == providers_.end() ? nullptr : &found->second;
}

FactsTable::FoundRow FactsTable::own_row(const KnownProvider& provider, std::string_view model) {
  const auto found = [&](std::string_view name, RowMatch match) -> FoundRow {
    const auto at = provider.models.find(name);
    if (at == provider.models.end()) return {};
    return {&provider, &at->first, &at->second, match};
  };
  const FoundRow exact = found(model, RowMatch::Exact);
  return exact.row ? exact : found(without_date(model), RowMatch::SameModel);
}

FactsTable::FoundRow FactsTable::family_row(const KnownProvider& provider, std::string_view model,
                                            Families families) {
  const std::string_view name = without_date(model);
  std::string star;
  for (std::size_t size = name.size(); size > 0; --size) {
    const std::string_view prefix = name.substr(0, size);
    star.assign(prefix).push_back('*');
    auto at = provider.models.find(star);
    const bool may_end = families == Families::All && size < name.size() && ends_a_word(name[size]);
    if (at == provider.models.end() && may_end) at = provider.models.find(prefix);
    if (at != provider.models.end()) return {&provider, &at->first, &at->second, RowMatch::Prefix};
  }
  return {};
}

FactsTable::FoundRows FactsTable::rows_of(const KnownProvider& provider, std::string_view model) {
  FoundRows rows;
  rows.own = own_row(provider, model);
  // Beside the model's own row, a family counts only where its name says that it is one.
  rows.family = family_row(provider, model, rows.own.row ? Families::Starred : Families::All);
  return rows;
}

FactsTable::FoundRows FactsTable::makers_rows(const KnownProvider* provider,
                                              std::string_view model) const {
  const std::string_view vendor = vendor_of(model);
  const std::string_view bare = without_vendor(model);
  std::string dashed(bare);
  std::ranges::replace(dashed, '.', '-');
  FoundRows best;
  for (const auto& [name, maker] : providers_) {
    if (!maker.is_maker || &maker == provider) continue;
    // A vendor in the name, or the provider's own list of makers, says whose model it is.
    const bool named =
        provider && std::ranges::find(provider->models_of, name) != provider->models_of.end();
    if (!vendor.empty() && !is_vendor(maker, vendor) && !named) continue;
    if (vendor.empty() && provider && !provider->models_of.empty() && !named) continue;
    for (const std::string_view spelling : {bare, std::string_view(dashed)}) {
      const FoundRows rows = rows_of(maker, spelling);
      if (rows.rank() < best.rank()) best = rows;
    }
  }
  return best;
}

FoundFacts FactsTable::find(std::string_view provider_name, std::string_view model_name,
                            DoorDialect door) const {
  const std::string model = lower(model_name);
  const KnownProvider* provider = find_provider(provider_name);
  const FoundRows makers = makers_rows(provider, model);
  FoundRows own = provider ? rows_of(*provider, model) : FoundRows{};
  const bool is_own_vendor = provider && is_vendor(*provider, vendor_of(model));
  if (!own.own.row && is_own_vendor) own = rows_of(*provider, without_vendor(model));
  // The model's own row at its maker knows more than a family's row here.
  if (!own.own.row && makers.own.row) own.family = {};

  FoundFacts found;
  const auto apply = [&](const FactsRow& row, std::string_view of, std::string_view name,
                         RowMatch match) {
    row.apply_to(found.facts, part_of(match));
    found.layers.push_back({std::string(of), std::string(name), match});
  };
  const auto apply_rows = [&](const FoundRows& rows) {
    for (const FoundRow* row : {&rows.family, &rows.own}) {
      if (row->row) apply(*row->row, row->provider->name, *row->name, row->match);
    }
  };
  apply(dialects_[static_cast<std::size_t>(door)], "", "", RowMatch::Default);
  apply_rows(makers);
  if (provider) apply(provider->defaults, provider->name, "", RowMatch::Default);
  apply_rows(own);
  return found;
}

}  // namespace vdm::proxy
