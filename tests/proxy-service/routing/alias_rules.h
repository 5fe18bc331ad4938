#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "proxy-service/routing/resolver.h"

namespace vdm::proxy {

inline Alias own(std::string provider, std::string name, std::string target) {
  return {.key = provider + ".aliases." + name,
          .name = fold(name),
          .scope = Alias::Scope::Provider,
          .provider = provider,
          .targets = {{std::move(target)}}};
}

inline Alias anyones(std::string name, std::vector<std::string> targets) {
  Alias alias{.key = "aliases." + name, .name = fold(name)};
  for (std::string& target : targets) alias.targets.push_back({std::move(target)});
  return alias;
}

/// A resolver for groq, openai (the default) and poe.
class Names {
 public:
  Names(std::initializer_list<Alias> aliases) : Names(AliasRules{.aliases = aliases}) {}
  explicit Names(AliasRules rules)
      : providers_{{.name = "groq"}, {.name = "openai"}, {.name = "poe"}},
        rules_(std::move(rules)),
        resolver_(providers_, "openai", rules_) {}

  /// "provider:model" that a name comes to.
  std::string at(std::string_view name) const {
    Balancer balancer;
    EXPECT_TRUE(resolver_.findings().faults.empty())
        << testing::PrintToString(resolver_.findings().faults);
    const auto route = resolver_.resolve(name, Dialect::OpenAi, balancer);
    return route ? text(route->first) : route.error().message;
  }
  std::string text(const Target& target) const {
    return providers_[target.provider].name + ":" + target.model;
  }
  const Resolver& resolver() const { return resolver_; }
  const std::vector<std::string>& faults() const { return resolver_.findings().faults; }
  const std::vector<std::string>& notices() const { return resolver_.findings().notices; }

 private:
  std::vector<Provider> providers_;
  AliasRules rules_;
  Resolver resolver_;
};

}  // namespace vdm::proxy
