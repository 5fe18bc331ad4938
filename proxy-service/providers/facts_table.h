#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/providers/facts_reader.h"
#include "proxy-service/providers/known_provider.h"

namespace vdm::proxy {

/// How a row was found for a model's name.
enum class RowMatch : std::uint8_t {
  Default,    ///< it holds for all models
  Exact,      ///< the model's own row
  SameModel,  ///< the row of the same model with another date
  Prefix,     ///< the row of a family: it tells abilities, no figures
};

/// A row that was applied. Later ones win over earlier ones.
struct FactsLayer {
  std::string provider;  ///< empty: a dialect's defaults
  std::string row;       ///< the row's name; empty: the defaults
  RowMatch match = RowMatch::Default;
};

struct FoundFacts {
  ModelFacts facts;
  std::vector<FactsLayer> layers;  ///< the weakest first
};

/// What is known of providers and of their models. Built once and never altered. Pure. Thread: any.
class FactsTable {
 public:
  /// The table of the files that are built into the program.
  static const FactsTable& built_in();
  static std::shared_ptr<const FactsTable> built_in_shared();

  FactsTable() = default;

  /// Adds documents: a row, a door's address or a default of theirs replaces one of the same name.
  void add(FactsDocuments documents);

  const KnownProvider* find_provider(std::string_view name) const;
  /// The provider that made the dialect; empty when the files name none.
  const std::string& home_of(DoorDialect dialect) const {
    return homes_[static_cast<std::size_t>(dialect)];
  }
  const std::map<std::string, KnownProvider, std::less<>>& providers() const { return providers_; }

  /// The facts of a model at a provider, which need not be known, through a door of a dialect. Four
  /// layers make them: the dialect's defaults, the model's row at its maker, the provider's
  /// defaults, and the model's row at the provider. So a provider's refusals win over what the
  /// model can do elsewhere.
  FoundFacts find(std::string_view provider, std::string_view model, DoorDialect door) const;

 private:
  struct FoundRow {
    const KnownProvider* provider = nullptr;
    const std::string* name = nullptr;
    const FactsRow* row = nullptr;
    RowMatch match = RowMatch::Default;
  };
  /// A model's rows at one provider.
  struct FoundRows {
    FoundRow family;
    FoundRow own;
    /// The less, the more they tell.
    int rank() const { return own.row ? static_cast<int>(own.match) : family.row ? 10 : 20; }
  };
  enum class Families : std::uint8_t { Starred, All };

  static FoundRow own_row(const KnownProvider& provider, std::string_view model);
  static FoundRow family_row(const KnownProvider& provider, std::string_view model,
                             Families families);
  static FoundRows rows_of(const KnownProvider& provider, std::string_view model);
  FoundRows makers_rows(const KnownProvider* provider, std::string_view model) const;

  std::array<FactsRow, 3> dialects_{};
  std::array<std::string, 3> homes_{};
  std::map<std::string, KnownProvider, std::less<>> providers_;
};

}  // namespace vdm::proxy
