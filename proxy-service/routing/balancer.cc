#include "proxy-service/routing/balancer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "common/base/digest.h"
#include "proxy-service/routing/rendezvous.h"

namespace vdm::proxy {
namespace {

/// A choice's score for a session. The highest wins, with odds in proportion to the weights.
double rendezvous_score(const Plan::Choice& choice, std::uint64_t session) {
  const std::uint64_t bits = rendezvous(choice.seed, session);
  // 53 bits, plus a half so that it is never 0 nor 1: the logarithm stays finite and below zero.
  const double unit = (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
  return -static_cast<double>(choice.weight) / std::log(unit);
}

std::uint64_t load_of(const Plan::Choice& choice, std::span<const std::uint32_t> in_flight) {
  const std::size_t provider = choice.target.provider;
  return provider < in_flight.size() ? in_flight[provider] : 0;
}

}  // namespace

std::vector<std::int64_t>& Balancer::turns_of(const Plan& plan) {
  if (turns_.size() <= plan.slot) turns_.resize(plan.slot + 1);
  std::vector<std::int64_t>& turns = turns_[plan.slot];
  if (turns.size() != plan.choices.size()) turns.assign(plan.choices.size(), 0);
  return turns;
}

ModelRoute Balancer::route(const Plan& plan, const RouteHints& hints) {
  const auto& choices = plan.choices;
  const std::size_t named = choices.front().target.provider;
  if (choices.size() == 1) {
    return {.first = choices.front().target, .rest = plan.fallback, .named = named};
  }

  order_.resize(choices.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  if (plan.affinity == Affinity::Session && !hints.session.empty()) {
    const std::uint64_t session = fnv1a_64(hints.session);
    std::ranges::stable_sort(order_, [&](std::size_t a, std::size_t b) {
      return rendezvous_score(choices[a], session) > rendezvous_score(choices[b], session);
    });
  } else {
    std::vector<std::int64_t>& turns = turns_of(plan);
    std::int64_t total = 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      turns[i] += choices[i].weight;
      total += choices[i].weight;
    }
    const auto sooner = [&](std::size_t a, std::size_t b) { return turns[a] > turns[b]; };
    std::ranges::stable_sort(order_, sooner);
    if (plan.balance == Balance::LeastInFlight) {
      // The target whose load by weight would be lowest with this request wins; turns decide a tie.
      std::ranges::stable_sort(order_, [&](std::size_t a, std::size_t b) {
        return (load_of(choices[a], hints.in_flight) + 1) * choices[b].weight <
               (load_of(choices[b], hints.in_flight) + 1) * choices[a].weight;
      });
    }
    turns[order_.front()] -= total;
    // A target that was too busy for long must not save up turns for later.
    for (std::int64_t& turn : turns) turn = std::clamp(turn, -total, total);
  }

  ModelRoute route{.first = choices[order_.front()].target, .named = named};
  route.rest.reserve(choices.size() - 1 + plan.fallback.size());
  for (std::size_t i = 1; i < order_.size(); ++i) route.rest.push_back(choices[order_[i]].target);
  route.rest.insert(route.rest.end(), plan.fallback.begin(), plan.fallback.end());
  return route;
}

}  // namespace vdm::proxy
