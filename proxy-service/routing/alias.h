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

/// Other names for models, as the configuration states them. Pure.

/// A target as the configuration writes it: "provider:model", "model", the name of another alias,
/// or any of these after a "!" that ends the chain.
struct WeightedModel {
  std::string model;
  std::uint32_t weight = 1;

  friend bool operator==(const WeightedModel&, const WeightedModel&) = default;
};

struct Alias {
  /// Which models the alias renames, and which provider a bare target belongs to.
  enum class Scope : std::uint8_t {
    Provider,       ///< one provider's; a longer name that contains the alias also means it
    EveryProvider,  ///< copied to every provider that has no alias of that name
    Anyone,         ///< no provider's: only the whole name means it
  };

  std::string key;   ///< the setting that defines it: "OPENAI_ALIAS_FAST", "aliases.fast"
  std::string name;  ///< folded: see fold()
  Scope scope = Scope::Anyone;
  std::string provider{};                ///< lower case; for Scope::Provider
  std::vector<WeightedModel> targets{};  ///< at least one
  std::vector<std::string> fallback{};   ///< tried in this order after the targets have failed
  Balance balance = Balance::Weight;
  Affinity affinity = Affinity::None;

  friend bool operator==(const Alias&, const Alias&) = default;
};

/// A named set of aliases; a client asks for "profile:alias".
struct Profile {
  std::string key{};             ///< the file's table that defines it
  std::string name{};            ///< lower case
  std::vector<Alias> aliases{};  ///< Scope::Anyone
  ProfileTerms terms{};

  friend bool operator==(const Profile&, const Profile&) = default;
};

/// What becomes of a target whose provider is well known but has no key.
enum class MissingProviders : std::uint8_t { Refused, LeftOut };

struct AliasRules {
  std::vector<Alias> aliases{};  ///< of two with the same name the first counts
  std::vector<Profile> profiles{};
  std::string default_profile{};  ///< the profile used for a bare model's name, or ""
  std::size_t chain_max = 10;     ///< steps from alias to alias
  MissingProviders missing = MissingProviders::Refused;
};

inline constexpr std::size_t AliasesMax = 1'000;
inline constexpr std::size_t AliasBytesMax = 128;
inline constexpr std::size_t TargetsMax = 32;
inline constexpr std::uint32_t WeightMax = 1'000;

/// Folds a name for comparison: case does not matter, and '_' equals '-', since variables of the
/// environment cannot have a '-' in their names.
constexpr char fold(char c) {
  if (c == '_') return '-';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string fold(std::string_view text);

/// The aliases that {P}_ALIAS_{NAME} define for the providers.
std::vector<Alias> aliases_from_env(const Env& env, const std::vector<Provider>& providers);

/// What is wrong with the alias as it is written, with its key; "" when it is right.
std::string fault_of(const Alias& alias);

}  // namespace vdm::proxy
