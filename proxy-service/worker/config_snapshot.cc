#include "proxy-service/worker/config_snapshot.h"

#include <algorithm>
#include <utility>

#include "proxy-service/routing/model_ref.h"

namespace vdm::proxy {
namespace {

/// The cooldowns of the provider's keys, those that it had before shared with `before`.
KeyCooldowns cooldowns_of(const Provider& provider, const ConfigSnapshot* before) {
  KeyCooldowns cooldowns(provider.keys.size());
  if (before == nullptr) return cooldowns;
  const auto& providers = before->config.providers;
  const auto was = std::ranges::find(providers, provider.name, &Provider::name);
  if (was == providers.end() || was->doors != provider.doors) return cooldowns;
  const KeyCooldowns& known =
      before->key_cooldowns[static_cast<std::size_t>(was - providers.begin())];
  for (std::size_t key = 0; key < provider.keys.size(); ++key) {
    const auto same = std::ranges::find(was->keys, provider.keys[key].reveal(), &Secret::reveal);
    if (same == was->keys.end()) continue;
    cooldowns.share(key, known, static_cast<std::size_t>(same - was->keys.begin()));
  }
  return cooldowns;
}

/// At most so many names: who removes more is told of the latest.
constexpr std::size_t RemovedMax = 256;

std::vector<std::string> removed_since(const Config& config, const ConfigSnapshot* before) {
  if (before == nullptr) return {};
  std::vector<std::string> removed = before->removed_providers;
  for (const Provider& provider : before->config.providers) removed.push_back(provider.name);
  std::erase_if(removed, [&config](const std::string& name) {
    return find_provider(config.providers, name).has_value();
  });
  if (removed.size() > RemovedMax) removed.erase(removed.begin(), removed.end() - RemovedMax);
  return removed;
}

}  // namespace

ConfigSnapshot::ConfigSnapshot(Config configuration, ServerState& state,
                               const ConfigSnapshot* before)
    : config(std::move(configuration)),
      removed_providers(removed_since(config, before)),
      resolver(config.providers, config.default_provider, config.aliases, *config.models.facts,
               removed_providers),
      authenticator(config),
      pages(config.access),
      trusted_proxies(config.trusted_proxies),
      passed_fields(config.answer_headers),
      own_keys(own_keys_of(config)),
      server(state),
      breaker_states(config.threads, config.providers.size()) {
  for (const Provider& provider : config.providers) {
    key_cooldowns.push_back(cooldowns_of(provider, before));
  }
}

}  // namespace vdm::proxy
