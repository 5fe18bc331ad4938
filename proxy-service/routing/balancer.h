#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "proxy-service/routing/model_route.h"

namespace vdm::proxy {

/// What a plan's order may depend on besides the plan: the session and the providers' load.
struct RouteHints {
  std::string_view session{};                  ///< empty: unknown
  std::span<const std::uint32_t> in_flight{};  ///< requests by provider; empty: all 0
};

/// Puts the targets of a plan into the order in which the exchange tries them. Without a session
/// affinity it uses smooth weighted round robin, which interleaves a heavy target's turns with the
/// others', or takes the least busy target. With one, the order comes from a hash of the session
/// and each target (weighted rendezvous): it is the same on every thread, and when a target is
/// removed only its own sessions move. Thread: its owner's.
class Balancer {
 public:
  ModelRoute route(const Plan& plan, const RouteHints& hints);

 private:
  std::vector<std::int64_t>& turns_of(const Plan& plan);

  std::vector<std::vector<std::int64_t>> turns_;  ///< by the plan's slot
  std::vector<std::size_t> order_;
};

}  // namespace vdm::proxy
