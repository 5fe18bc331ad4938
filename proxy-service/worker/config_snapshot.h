#pragma once

#include <string>
#include <vector>

#include "common/access/trusted_proxies.h"
#include "proxy-service/config/config.h"
#include "proxy-service/http1/passed_fields.h"
#include "proxy-service/retry/key_cooldowns.h"
#include "proxy-service/routing/resolver.h"
#include "proxy-service/worker/authenticator.h"
#include "proxy-service/worker/breaker_states.h"
#include "proxy-service/worker/own_keys_of.h"
#include "proxy-service/worker/page_access.h"
#include "proxy-service/worker/server_state.h"

namespace vdm::proxy {

/// One configuration with what is worked out of it, for all threads. A reload makes another
/// snapshot; a request keeps the one it began with. Constant but for cooldowns and breakers'
/// states. Thread: any.
struct ConfigSnapshot {
  /// `before`: the snapshot that this one takes the place of; a key that stays keeps its cooldown.
  ConfigSnapshot(Config configuration, ServerState& state, const ConfigSnapshot* before = nullptr);
  ConfigSnapshot(const ConfigSnapshot&) = delete;
  ConfigSnapshot& operator=(const ConfigSnapshot&) = delete;

  const Config config;
  const std::vector<std::string> removed_providers;  ///< names that earlier snapshots had
  const Resolver resolver;
  const Authenticator authenticator;
  const PageAccess pages;
  const TrustedProxies trusted_proxies;
  const http1::PassedFields passed_fields;
  const OwnKeys own_keys;
  ServerState& server;
  std::vector<KeyCooldowns> key_cooldowns;  ///< by provider
  BreakerStates breaker_states;
};

}  // namespace vdm::proxy
