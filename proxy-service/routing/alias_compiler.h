#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy-service/routing/alias_table.h"

namespace vdm::proxy {

/// Makes an AliasTable from the rules, once at start. It gives every provider the aliases that hold
/// for all, follows each chain to its end and refuses chains without one. Pure.
class AliasCompiler {
 public:
  AliasCompiler(const std::vector<Provider>& providers, const AliasTable::DefaultProviders& asked,
                const AliasRules& rules, const FactsTable& facts, AliasTable::Findings& findings)
      : providers_(providers), asked_(asked), rules_(rules), facts_(facts), findings_(findings) {}

  void compile(AliasTable& out);

 private:
  /// An alias where it holds. An alias for every provider has one of these for each of them.
  struct Definition {
    const Alias* alias;
    std::optional<std::size_t> provider{};  ///< the provider of a bare target
    std::optional<std::size_t> profile{};
    bool within = false;   ///< also found inside a longer name
    bool copied = false;   ///< from an alias for every provider
    bool skipped = false;  ///< it would only stand for itself
  };
  using ByName = std::map<std::string_view, std::size_t>;  ///< to indexes of definitions_
  using ByDialect = std::array<ByName, 2>;

  void check_words();
  void define(ByName& names, Definition definition);
  void define_provider(std::size_t provider);
  void define_bare(std::size_t dialect);
  void define_profile(std::size_t profile);
  bool is_list(std::size_t definition) const;
  const ByName& names_seen_from(const Definition& from, const ModelRef& ref,
                                std::size_t dialect) const;

  /// What a target's text leads to: a target, or a definition with a list of targets. Neither: a
  /// fault was reported, or the target is left out.
  using End = std::pair<std::optional<Target>, std::optional<std::size_t>>;
  End follow(std::size_t start, std::string_view text, std::size_t dialect);
  std::optional<Target> settle(const Definition& from, const ModelRef& ref, std::size_t dialect);
  bool is_missing(const Definition& from, std::string_view text);
  void report_cycle(const std::vector<std::size_t>& path);

  std::size_t plan_of(std::size_t definition, std::size_t dialect);
  Plan list_plan(std::size_t definition, std::size_t dialect);
  void add_target(Plan& plan, Target target, std::uint32_t weight) const;
  void enter(AliasTable::Names& names, const ByName& from, std::size_t dialect,
             std::optional<std::size_t> asked);
  void list(const ByName& names, std::string_view provider);
  void fault(std::string text);

  const std::vector<Provider>& providers_;
  const AliasTable::DefaultProviders& asked_;
  const AliasRules& rules_;
  const FactsTable& facts_;
  AliasTable::Findings& findings_;
  AliasTable* out_ = nullptr;
  std::deque<Alias> built_in_;
  std::vector<Definition> definitions_;
  std::vector<ByName> own_;  ///< by provider
  ByName anyones_;
  ByDialect bare_;                   ///< what a bare name can mean
  std::vector<ByDialect> profiles_;  ///< the same, in a profile
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> plans_;
};

}  // namespace vdm::proxy
