#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/env.h"
#include "common/base/host_port.h"
#include "proxy-service/providers/facts_table.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Finds the providers that the environment and the configuration file define, and reports every
/// fault with its key. For well-known providers, settings that neither defines have built-in
/// values. Pure.

/// One provider's table in the configuration file, with the values as they are written.
struct ProviderTable {
  std::string name;
  std::optional<std::string> base_url{};
  std::optional<std::string> messages_base_url{};
  std::optional<std::string> chat_base_url{};
  std::optional<std::string> responses_base_url{};
  std::optional<std::string> api_key{};
  std::optional<std::string> api_format{};
  std::optional<std::string> auth_mode{};
  std::optional<std::string> api_version{};
  std::optional<std::string> key_affinity{};
  std::optional<std::chrono::milliseconds> timeout{};
  std::optional<std::uint32_t> retries_max{};
  std::map<std::string, std::string> custom_headers{};
};

struct DiscoveryOptions {
  const FactsTable& facts = FactsTable::built_in();  ///< the known providers
  UpstreamTimeouts timeouts{};
  HttpUpstreams http = HttpUpstreams::LoopbackOnly;
  bool timeout_from_env = false;  ///< REQUEST_TIMEOUT is set and overrides the tables
  std::uint32_t retries_max = 2;
  bool retries_from_env = false;  ///< the same for MAX_RETRIES
  Affinity key_affinity = Affinity::Session;
  HostPort own{};  ///< where the proxy listens: a provider there would be itself
};

struct Discovery {
  std::vector<Provider> providers;  ///< sorted by name
  /// Known providers without a key, for subscribers who bring their own credential. None of a
  /// dialect of which another provider is configured for clients' own credentials.
  std::vector<Provider> implied;
  std::vector<std::string> faults;   ///< any fault: the proxy must not start
  std::vector<std::string> notices;  ///< logged once at start; the proxy starts in spite of them
};

Discovery discover_providers(const Env& env, const std::vector<ProviderTable>& tables,
                             const DiscoveryOptions& options);

}  // namespace vdm::proxy
