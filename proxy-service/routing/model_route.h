#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/contract/event.h"
#include "proxy-service/routing/affinity.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Where the proxy may send a request, as plain data.

struct Target {
  std::size_t provider = 0;           ///< index into the providers
  std::string model{};                ///< the provider's name of the model
  Dialect dialect = Dialect::OpenAi;  ///< of the provider's door that the request takes

  friend bool operator==(const Target&, const Target&) = default;
};

/// What a profile sets for requests that name it.
struct ProfileTerms {
  std::optional<std::chrono::milliseconds> timeout{};  ///< sets both first byte and stream idle
  std::optional<std::uint32_t> retries_max{};

  friend bool operator==(const ProfileTerms&, const ProfileTerms&) = default;
};

/// The timeouts of one request: the profile's setting wins over the provider's.
inline UpstreamTimeouts timeouts_of(const Provider& provider, const ProfileTerms& terms) {
  UpstreamTimeouts timeouts = provider.timeouts;
  if (terms.timeout) timeouts.first_byte = timeouts.stream_idle = *terms.timeout;
  return timeouts;
}

/// The target to try first, and those to try next while the client has no byte. No target occurs
/// twice.
struct ModelRoute {
  Target first;
  std::vector<Target> rest{};
  ProfileTerms terms{};
  std::size_t named = 0;  ///< the provider that the model's name means first: see ClientCredential
};

/// How the balancer chooses among several targets.
enum class Balance : std::uint8_t {
  Weight,         ///< in turn, in proportion to the weights
  LeastInFlight,  ///< fewest requests in flight in proportion to the weight
};

/// What an alias means, worked out at start.
struct Plan {
  struct Choice {
    Target target;  ///< with the first door's dialect: the client's is known at the request alone
    std::uint32_t weight = 1;
    std::uint64_t seed = 0;  ///< hash of the target's name: equal on all threads and proxies
  };

  std::vector<Choice> choices{};  ///< empty: no target serves this dialect
  std::vector<Target> fallback{};
  Balance balance = Balance::Weight;
  Affinity affinity = Affinity::None;
  std::size_t slot = 0;  ///< where a Balancer keeps this plan's turns
};

}  // namespace vdm::proxy
