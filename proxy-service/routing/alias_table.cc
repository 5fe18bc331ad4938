#include "proxy-service/routing/alias_table.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "proxy-service/routing/alias_compiler.h"

namespace vdm::proxy {
namespace {

/// Maps a letter to one of 64 bits. Different letters may share a bit.
constexpr std::uint64_t letter_bit(char c) { return std::uint64_t{1} << (c & 63); }

}  // namespace

AliasTable::AliasTable(const std::vector<Provider>& providers, const DefaultProviders& asked,
                       const AliasRules& rules, const FactsTable& facts, Findings& findings) {
  AliasCompiler(providers, asked, rules, facts, findings).compile(*this);
}

const Plan* AliasTable::find(const ModelRef& ref, std::optional<std::size_t> profile,
                             Dialect client, Match match) const {
  if (plans_.empty()) return nullptr;
  const std::size_t dialect = index_of(client);
  const Names& names = ref.provider ? own_[*ref.provider]
                       : profile    ? profiles_[*profile][dialect]
                                    : bare_[dialect];
  const Entry* const entry = names.find(ref.model, match);
  return entry != nullptr ? &plans_[entry->plan] : nullptr;
}

std::vector<AliasTable::BareName> AliasTable::bare_names(std::optional<std::size_t> profile,
                                                         Dialect client) const {
  const std::size_t dialect = index_of(client);
  std::vector<BareName> names;
  if (plans_.empty()) return names;
  const Names& held = profile ? profiles_[*profile][dialect] : bare_[dialect];
  for (const Entry& entry : held.entries) names.push_back({entry.name, entry.built_in});
  std::ranges::stable_sort(names, {}, &BareName::name);
  // Of equal names the first counts, as in find().
  const auto repeated = std::ranges::unique(names, {}, &BareName::name);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

void AliasTable::Names::sort() {
  for (Entry& entry : entries) {
    for (const char c : entry.name) entry.letters |= letter_bit(c);
  }
  std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) {
    return a.name.size() != b.name.size() ? a.name.size() > b.name.size() : a.name < b.name;
  });
  if (!entries.empty()) bytes_min = entries.back().name.size();
}

const AliasTable::Entry* AliasTable::Names::find(std::string_view model, Match match) const {
  // No alias is as long as that, and no sensible model either.
  std::array<char, 256> folded;
  if (model.size() < bytes_min || model.size() > folded.size()) return nullptr;
  std::uint64_t letters = 0;
  for (std::size_t i = 0; i < model.size(); ++i) {
    folded[i] = fold(model[i]);
    letters |= letter_bit(folded[i]);
  }
  const std::string_view name(folded.data(), model.size());

  // The entries are sorted by length, so a whole name is found before any part of it.
  for (const Entry& entry : entries) {
    // Skip entries with a letter that the name lacks, which saves most of the searches.
    if ((entry.letters & ~letters) != 0 || entry.name.size() > name.size()) continue;
    const bool whole = entry.name.size() == name.size();
    const bool within = entry.within && match == Match::Any;
    if (whole ? entry.name == name : within && name.find(entry.name) != name.npos) return &entry;
  }
  return nullptr;
}

}  // namespace vdm::proxy
