#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/env.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Finds the providers that the environment and the configuration file name, and
/// reports every fault with its key. What neither says is built in for well-known
/// providers. Pure.

/// One provider's table of the configuration file, values as they stand there.
struct ProviderTable {
  std::string name;
  std::optional<std::string> base_url{};
  std::optional<std::string> api_key{};
  std::optional<std::string> api_format{};
  std::optional<std::string> auth_mode{};
  std::optional<std::string> api_version{};
  std::optional<std::chrono::milliseconds> timeout{};
  std::optional<std::uint32_t> retries_max{};
  std::map<std::string, std::string> custom_headers{};
};

struct DiscoveryOptions {
  UpstreamTimeouts timeouts{};
  HttpUpstreams http = HttpUpstreams::LoopbackOnly;
  bool timeout_from_env = false;  ///< REQUEST_TIMEOUT is set: it wins over the tables' own
  std::uint32_t retries_max = 2;
  bool retries_from_env = false;  ///< the same for MAX_RETRIES
};

struct Discovery {
  std::vector<Provider> providers;   ///< sorted by name
  std::vector<std::string> faults;   ///< any of these: do not start
  std::vector<std::string> notices;  ///< said once at start; nothing is wrong enough to stop
};

Discovery discover_providers(const Env& env, const std::vector<ProviderTable>& tables,
                             const DiscoveryOptions& options);

}  // namespace vdm::proxy
