#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "proxy-service/routing/model_route.h"

namespace vdm::proxy {

/// What is known of a request and of the moment beside the model's name.
struct RouteHints {
  std::string_view session{};                  ///< empty: none is known
  std::span<const std::uint32_t> in_flight{};  ///< by provider; empty: none
};

/// Puts the targets of a plan into the order in which they are to be tried, and
/// remembers whose turn it is. Without a session to stay with: smooth weighted
/// round robin, which spreads a heavy target's turns among the others', or the
/// least busy. A session's order comes from a hash of it and each target (weighted
/// rendezvous), so it is the same on every thread, and when a target goes, only
/// its own sessions move. Thread: its owner's.
class Balancer {
 public:
  ModelRoute route(const Plan& plan, const RouteHints& hints);

 private:
  std::vector<std::int64_t>& turns_of(const Plan& plan);

  std::vector<std::vector<std::int64_t>> turns_;  ///< by the plan's slot
  std::vector<std::size_t> order_;
};

}  // namespace vdm::proxy
