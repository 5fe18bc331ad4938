#pragma once

#include <utility>

#include "proxy-service/config/config.h"
#include "proxy-service/routing/resolver.h"
#include "proxy-service/worker/authenticator.h"
#include "proxy-service/worker/server_state.h"

namespace vdm::proxy {

/// One configuration with what is worked out of it, for all threads. A reload makes another
/// snapshot; a request keeps the one it began with. Constant. Thread: any.
struct ConfigSnapshot {
  ConfigSnapshot(Config configuration, ServerState& state)
      : config(std::move(configuration)),
        resolver(config.providers, config.default_provider, config.aliases, *config.models.facts),
        authenticator(config),
        server(state) {}
  ConfigSnapshot(const ConfigSnapshot&) = delete;
  ConfigSnapshot& operator=(const ConfigSnapshot&) = delete;

  const Config config;
  const Resolver resolver;
  const Authenticator authenticator;
  ServerState& server;
};

}  // namespace vdm::proxy
