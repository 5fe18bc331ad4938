#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/contract/event.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Where a request may go, as plain data.

struct Target {
  std::size_t provider = 0;  ///< index into the providers
  std::string model;         ///< as the provider is to read it
  Dialect dialect = Dialect::OpenAi;

  friend bool operator==(const Target&, const Target&) = default;
};

/// What a profile says about the requests that name it.
struct ProfileTerms {
  std::optional<std::chrono::milliseconds> timeout{};  ///< first byte and stream idle
  std::optional<std::uint32_t> retries_max{};

  friend bool operator==(const ProfileTerms&, const ProfileTerms&) = default;
};

/// The times of one request: its profile's word wins over its provider's.
inline UpstreamTimeouts timeouts_of(const Provider& provider, const ProfileTerms& terms) {
  UpstreamTimeouts timeouts = provider.timeouts;
  if (terms.timeout) timeouts.first_byte = timeouts.stream_idle = *terms.timeout;
  return timeouts;
}

/// Whom to ask, and whom next while nothing has reached the client. No target twice.
struct ModelRoute {
  Target first;
  std::vector<Target> rest{};
  ProfileTerms terms{};
};

/// How one of several targets is chosen.
enum class Balance : std::uint8_t {
  Weight,         ///< in turn, as often as its weight says
  LeastInFlight,  ///< fewest requests in hand for its weight
};

enum class Affinity : std::uint8_t {
  None,
  Session,  ///< a session stays with its target, for the sake of the provider's cache
};

/// What an alias stands for, worked out at start.
struct Plan {
  struct Choice {
    Target target;
    std::uint32_t weight = 1;
    std::uint64_t seed = 0;  ///< of the target's name: the same on every thread and proxy
  };

  std::vector<Choice> choices{};  ///< empty: nobody serves it for this dialect
  std::vector<Target> fallback{};
  Balance balance = Balance::Weight;
  Affinity affinity = Affinity::None;
  std::size_t slot = 0;  ///< where a Balancer remembers it
};

}  // namespace vdm::proxy
