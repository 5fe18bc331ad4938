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

/// Every alias with its chain followed to the end, so that a request costs one
/// look through the names that could be meant. Made once, never altered. The whole name
/// is best, then the longest alias within it; the provider that is asked comes before others,
/// these by name. Thread: any.
class AliasTable {
 public:
  /// Who is asked for a bare name, by index_of(dialect).
  using Asked = std::array<std::optional<std::size_t>, 2>;
  static std::size_t index_of(Dialect client) { return client == Dialect::Anthropic ? 0 : 1; }

  struct Findings {
    std::vector<std::string> faults;   ///< any of these: do not start
    std::vector<std::string> notices;  ///< what was left out
  };

  AliasTable(const std::vector<Provider>& providers, const Asked& asked, const AliasRules& rules,
             Findings& findings);

  /// The plan for a name that is not literal, or nothing when no alias is meant.
  /// `profile`: index into the rules' profiles.
  const Plan* find(const ModelRef& ref, std::optional<std::size_t> profile, Dialect client) const;

  /// Every alias that holds, by provider ("" for those of no provider), with its targets as
  /// they are written; for lists that people read.
  struct Listed {
    std::string provider;
    std::string name;
    std::string targets;
    bool built_in = false;
  };
  const std::vector<Listed>& listed() const { return listed_; }

 private:
  friend class AliasCompiler;

  struct Entry {
    std::string name;
    bool within = false;  ///< a longer name that contains it is meant as well
    std::size_t plan = 0;
    std::uint64_t letters = 0;  ///< a bit for each letter of the name
  };
  /// The names that can be meant in one place, longest first; of equal names the first counts.
  struct Names {
    std::vector<Entry> entries;
    std::size_t bytes_min = AliasBytesMax + 1;

    void sort();
    const Entry* find(std::string_view model) const;
  };

  std::vector<Plan> plans_;
  std::vector<Names> own_;                      ///< by provider
  std::array<Names, 2> bare_;                   ///< by dialect
  std::vector<std::array<Names, 2>> profiles_;  ///< by profile, with what is in bare_
  std::vector<Listed> listed_;
};

}  // namespace vdm::proxy
