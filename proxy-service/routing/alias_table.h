#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/routing/alias.h"
#include "proxy-service/routing/model_ref.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

class FactsTable;

/// All aliases with their chains followed to the end, so that a request needs one pass over the
/// names that may apply. Built once and never altered. The whole name wins, then the longest alias
/// within the name; aliases of the asked provider come before others', and those stand in
/// alphabetical order. Thread: any.
class AliasTable {
 public:
  /// The provider that serves bare names, by index_of(dialect).
  using DefaultProviders = std::array<std::optional<std::size_t>, Dialects>;

  struct Findings {
    std::vector<std::string> faults;   ///< any fault: the proxy must not start
    std::vector<std::string> notices;  ///< for each target that was left out, a sentence
  };

  AliasTable(const std::vector<Provider>& providers, const DefaultProviders& asked,
             const AliasRules& rules, const FactsTable& facts, Findings& findings);

  /// Which names mean an alias.
  enum class Match : std::uint8_t {
    Any,
    Whole,  ///< not those that only contain it
  };
  /// The plan of the alias that the name means; null when it means none. The name must not be
  /// literal. `profile`: an index into the rules' profiles.
  const Plan* find(const ModelRef& ref, std::optional<std::size_t> profile, Dialect client,
                   Match match = Match::Any) const;

  /// Every alias that holds, with its targets as they were written, for lists that people read.
  /// `provider` is "" for an alias of no provider.
  struct Listed {
    std::string provider;
    std::string name;
    std::string targets;
    bool built_in = false;
  };
  const std::vector<Listed>& listed() const { return listed_; }

  /// The aliases that need no provider before them, in alphabetical order. `profile`: whose aliases
  /// hold too, as in find().
  struct BareName {
    std::string_view name;
    bool built_in = false;
  };
  std::vector<BareName> bare_names(std::optional<std::size_t> profile, Dialect client) const;

 private:
  friend class AliasCompiler;

  struct Entry {
    std::string name;
    bool within = false;    ///< also found inside a longer name
    bool built_in = false;  ///< no setting defines it
    std::size_t plan = 0;
    std::uint64_t letters = 0;  ///< the bits of all its letters
  };
  /// The names that hold in one place, longest first; of equal names the first counts.
  struct Names {
    std::vector<Entry> entries;
    std::size_t bytes_min = AliasBytesMax + 1;

    void sort();
    const Entry* find(std::string_view model, Match match) const;
  };

  std::vector<Plan> plans_;
  std::vector<Names> own_;                      ///< by provider
  std::array<Names, 2> bare_;                   ///< by dialect
  std::vector<std::array<Names, 2>> profiles_;  ///< by profile, with bare_'s names
  std::vector<Listed> listed_;
};

}  // namespace vdm::proxy
