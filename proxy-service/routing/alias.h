#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/env.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Other names for models, as the configuration gives them. Pure.

/// A target as it is written: "provider:model", "model", the name of another
/// alias, or any of these with a leading "!" that ends the chain.
struct WeightedModel {
  std::string model;
  std::uint32_t weight = 1;

  friend bool operator==(const WeightedModel&, const WeightedModel&) = default;
};

struct Alias {
  /// For whose models the name stands, and whose model a bare target means.
  enum class Scope : std::uint8_t {
    Provider,       ///< `provider`'s; a model that contains the name is meant as well
    EveryProvider,  ///< each provider's that has none of that name
    Anyone,         ///< a model of its own: meant by its whole name alone
  };

  std::string key;   ///< the setting it comes from: "OPENAI_ALIAS_FAST", "aliases.fast"
  std::string name;  ///< folded: see fold()
  Scope scope = Scope::Anyone;
  std::string provider{};                ///< lower case; of Scope::Provider
  std::vector<WeightedModel> targets{};  ///< at least one
  std::vector<std::string> fallback{};   ///< tried in this order when the targets have failed
  Balance balance = Balance::Weight;
  Affinity affinity = Affinity::None;

  friend bool operator==(const Alias&, const Alias&) = default;
};

/// Aliases that hold where the profile is named: "profile:alias".
struct Profile {
  std::string key{};             ///< the table it comes from
  std::string name{};            ///< lower case
  std::vector<Alias> aliases{};  ///< Scope::Anyone
  ProfileTerms terms{};

  friend bool operator==(const Profile&, const Profile&) = default;
};

/// A target whose provider is known by name and has no key.
enum class MissingProviders : std::uint8_t { Refused, LeftOut };

struct AliasRules {
  std::vector<Alias> aliases{};  ///< of equal names the first one counts
  std::vector<Profile> profiles{};
  std::string default_profile{};  ///< the profile that a bare model's name means, or ""
  std::size_t chain_max = 10;     ///< steps from alias to alias
  MissingProviders missing = MissingProviders::Refused;
};

inline constexpr std::size_t AliasesMax = 1'000;
inline constexpr std::size_t AliasBytesMax = 128;
inline constexpr std::size_t TargetsMax = 32;
inline constexpr std::uint32_t WeightMax = 1'000;

/// Names are compared without regard to case, and to '-' or '_', since the
/// environment's names have no '-'.
constexpr char fold(char c) {
  if (c == '_') return '-';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string fold(std::string_view text);

/// {P}_ALIAS_{NAME} for each of the providers.
std::vector<Alias> aliases_from_env(const Env& env, const std::vector<Provider>& providers);

/// "" or what is wrong with the alias's own words, with its key.
std::string fault_of(const Alias& alias);

}  // namespace vdm::proxy
