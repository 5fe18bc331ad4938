#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "proxy-service/routing/alias_table.h"
#include "proxy-service/routing/balancer.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Model name -> ModelRoute, once for each request. Pure: it holds the providers by
/// reference, the aliases worked out, and nothing that changes. Thread: any; the
/// balancer is the caller's own.
class Resolver {
 public:
  /// `default_provider` is empty when none is configured. It is known: loading
  /// the configuration has seen to that.
  Resolver(const std::vector<Provider>& providers, std::string_view default_provider,
           const AliasRules& rules = {});
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// "model", "provider:model" or "profile:model"; with "!" in front no alias and
  /// no profile is meant. What stands before the first colon is a provider's or a
  /// profile's name only if there is one of that name; a profile comes first.
  ///
  /// A name without a provider goes to the default provider; with none configured,
  /// to the only one there is; else to `anthropic` or `openai`, whichever has the client's
  /// dialect; else to the only one that has it; else to the other of the two.
  /// UnknownModel otherwise, with the known providers named.
  Result<ModelRoute> resolve(std::string_view model, Dialect client, Balancer& balancer,
                             const RouteHints& hints = {}) const;

  /// What is wrong with the rules: none of it in a configuration that was loaded.
  const AliasTable::Findings& findings() const { return findings_; }
  const AliasTable& aliases() const { return aliases_; }
  /// Who is asked for a bare name.
  std::optional<std::size_t> asked(Dialect client) const {
    return asked_[AliasTable::index_of(client)];
  }

 private:
  struct NamedTerms {
    std::string profile;
    ProfileTerms terms;
  };

  std::optional<std::size_t> asked_by(Dialect client, std::string_view default_provider) const;
  std::optional<std::size_t> only_provider_of(Dialect dialect) const;
  std::optional<std::size_t> find_profile(std::string_view name) const;

  const std::vector<Provider>& providers_;
  std::vector<NamedTerms> profiles_;
  std::optional<std::size_t> default_profile_;
  AliasTable::Asked asked_;
  AliasTable::Findings findings_;
  AliasTable aliases_;
};

}  // namespace vdm::proxy
