#include "proxy-service/worker/config_snapshot.h"

#include <algorithm>
#include <utility>

namespace vdm::proxy {
namespace {

/// The cooldowns of the provider's keys, those that it had before shared with `before`.
KeyCooldowns cooldowns_of(const Provider& provider, const ConfigSnapshot* before) {
  KeyCooldowns cooldowns(provider.keys.size());
  if (before == nullptr) return cooldowns;
  const auto& providers = before->config.providers;
  const auto was = std::ranges::find(providers, provider.name, &Provider::name);
  if (was == providers.end() || was->base_url != provider.base_url) return cooldowns;
  const KeyCooldowns& known =
      before->key_cooldowns[static_cast<std::size_t>(was - providers.begin())];
  for (std::size_t key = 0; key < provider.keys.size(); ++key) {
    const auto same = std::ranges::find(was->keys, provider.keys[key].reveal(), &Secret::reveal);
    if (same == was->keys.end()) continue;
    cooldowns.share(key, known, static_cast<std::size_t>(same - was->keys.begin()));
  }
  return cooldowns;
}

}  // namespace

ConfigSnapshot::ConfigSnapshot(Config configuration, ServerState& state,
                               const ConfigSnapshot* before)
    : config(std::move(configuration)),
      resolver(config.providers, config.default_provider, config.aliases, *config.models.facts),
      authenticator(config),
      server(state) {
  for (const Provider& provider : config.providers) {
    key_cooldowns.push_back(cooldowns_of(provider, before));
  }
}

}  // namespace vdm::proxy
