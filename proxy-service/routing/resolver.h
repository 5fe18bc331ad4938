#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "proxy-service/providers/facts_table.h"
#include "proxy-service/routing/alias_table.h"
#include "proxy-service/routing/balancer.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Turns a model's name into a ModelRoute, once for each request. It holds the providers by
/// reference and the compiled aliases, and never changes. Pure. Thread: any; each caller passes its
/// own balancer.
class Resolver {
 public:
  /// `default_provider` is empty when none is configured; load() has checked that it exists.
  /// `removed`: names of providers that this process had before.
  Resolver(const std::vector<Provider>& providers, std::string_view default_provider,
           const AliasRules& rules = {}, const FactsTable& facts = FactsTable::built_in(),
           const std::vector<std::string>& removed = {});
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Takes "model", "provider:model" or "profile:model"; after a "!" no alias and no profile
  /// applies. The text before the first colon is a profile's or a provider's name only if there is
  /// one of that name; profiles come first. A name without a provider goes to the default provider.
  /// Without a default it goes to the only provider; else to the one that made the client's
  /// dialect; else to the only provider whose first door speaks it; else to the one that made the
  /// other.
  /// Implied providers count only where there is no other.
  /// Otherwise it is UnknownModel, and the error names the known providers. So is a name that
  /// states an absent provider, unless an alias is called like all of it: another vendor is never
  /// asked instead. An alias's id in a list (alias_id.h) means that alias. Every target has the
  /// dialect of the door that it takes: see door_for().
  Result<ModelRoute> resolve(std::string_view model, Dialect client, Balancer& balancer,
                             const RouteHints& hints = {}) const;

  /// The provider that the name states although it is absent: a known one without a key, or one
  /// that a reload removed. Empty: none. The whole name may still be a model's at another provider.
  std::string_view absent_provider(std::string_view model) const;
  /// The name as its author may have meant it, if it begins with a misspelt provider; else empty.
  std::string near_miss(std::string_view model) const;

  /// What is wrong with the rules; a loaded configuration has no faults here.
  const AliasTable::Findings& findings() const { return findings_; }
  const AliasTable& aliases() const { return aliases_; }
  /// The aliases that hold for a name without a provider or a profile.
  std::vector<AliasTable::BareName> bare_aliases(Dialect client) const {
    return aliases_.bare_names(default_profile_, client);
  }
  /// The provider that serves bare names.
  std::optional<std::size_t> asked(Dialect client) const { return asked_[index_of(client)]; }

 private:
  struct NamedTerms {
    std::string profile;
    ProfileTerms terms;
  };

  std::optional<std::size_t> asked_by(Dialect client, std::string_view default_provider,
                                      const FactsTable& facts) const;
  std::optional<std::size_t> find_profile(std::string_view name) const;
  void take_doors(ModelRoute& route, Dialect client) const;
  bool is_alias(std::string_view name, Dialect client) const;

  const std::vector<Provider>& providers_;
  std::vector<NamedTerms> profiles_;
  std::optional<std::size_t> default_profile_;
  std::vector<std::string> absent_;  ///< sorted; lower case
  AliasTable::DefaultProviders asked_;
  AliasTable::Findings findings_;
  AliasTable aliases_;
};

}  // namespace vdm::proxy
