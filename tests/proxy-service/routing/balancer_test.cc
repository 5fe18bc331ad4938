#include "proxy-service/routing/balancer.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/digest.h"

namespace vdm::proxy::balancer_test {
namespace {

using ::testing::ElementsAre;

Plan plan_with(std::initializer_list<std::uint32_t> weights) {
  Plan plan;
  for (const std::uint32_t weight : weights) {
    const std::size_t provider = plan.choices.size();
    const std::string model = "m" + std::to_string(provider);
    plan.choices.push_back({{provider, model, Dialect::OpenAi}, weight, fnv1a_64(model)});
  }
  return plan;
}

std::string firsts(Balancer& balancer, const Plan& plan, int requests) {
  std::string text;
  for (int i = 0; i < requests; ++i) text += balancer.route(plan, {}).first.model.substr(1);
  return text;
}

TEST(Balancer, SpreadsAHeavyTargetsTurnsAmongTheOthers) {
  Balancer balancer;

  EXPECT_EQ(firsts(balancer, plan_with({5, 1, 1}), 14), "00102000010200");
}

TEST(Balancer, GivesEachTargetExactlyItsShareOfEveryRound) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    Plan plan = plan_with({});
    std::uint32_t total = 0;
    const std::size_t targets = 2 + random() % 6;
    for (std::size_t i = 0; i < targets; ++i) {
      const auto weight = static_cast<std::uint32_t>(1 + random() % 20);
      plan.choices.push_back({{i, "m", Dialect::OpenAi}, weight, i});
      total += weight;
    }
    Balancer balancer;

    for (int repeat = 0; repeat < 3; ++repeat) {
      std::vector<std::uint32_t> turns(targets);
      for (std::uint32_t i = 0; i < total; ++i) ++turns[balancer.route(plan, {}).first.provider];

      for (std::size_t i = 0; i < targets; ++i) EXPECT_EQ(turns[i], plan.choices[i].weight);
    }
  }
}

TEST(Balancer, KeepsTheTurnsOfTwoPlansApart) {
  Balancer balancer;
  const Plan one = plan_with({1, 1});
  Plan other = plan_with({1, 1});
  other.slot = 1;

  EXPECT_EQ(firsts(balancer, one, 1), "0");
  EXPECT_EQ(firsts(balancer, other, 2), "01");
  EXPECT_EQ(firsts(balancer, one, 1), "1");
}

TEST(Balancer, TriesTheOthersAndThenTheFallbacks) {
  Plan plan = plan_with({1, 3, 2});
  plan.fallback = {{7, "spare", Dialect::OpenAi}, {8, "last", Dialect::OpenAi}};
  Balancer balancer;

  const ModelRoute route = balancer.route(plan, {});

  EXPECT_EQ(route.first.model, "m1");
  ASSERT_EQ(route.rest.size(), 4u);
  EXPECT_EQ(route.rest[0].model, "m2");
  EXPECT_EQ(route.rest[1].model, "m0");
  EXPECT_EQ(route.rest[2].model, "spare");
  EXPECT_EQ(route.rest[3].model, "last");
}

TEST(Balancer, PrefersWhoHasFewestInFlightForItsWeight) {
  Plan plan = plan_with({1, 4});
  plan.balance = Balance::LeastInFlight;
  Balancer balancer;

  const auto first = [&](std::vector<std::uint32_t> in_flight) {
    return balancer.route(plan, {.in_flight = in_flight}).first.provider;
  };

  EXPECT_EQ(first({0, 2}), 1u);
  EXPECT_EQ(first({0, 7}), 0u);
  EXPECT_EQ(first({100, 7}), 1u);
}

TEST(Balancer, TakesTurnsAmongTheEquallyBusy) {
  Plan plan = plan_with({1, 1, 1});
  plan.balance = Balance::LeastInFlight;
  Balancer balancer;

  EXPECT_EQ(firsts(balancer, plan, 6), "012012");
}

TEST(Balancer, DoesNotLetABusyTargetSaveUpTurns) {
  Plan plan = plan_with({1, 1});
  plan.balance = Balance::LeastInFlight;
  Balancer balancer;
  const std::vector<std::uint32_t> busy{9, 0};
  for (int i = 0; i < 1000; ++i) balancer.route(plan, {.in_flight = busy});

  const std::string later = firsts(balancer, plan, 8);

  EXPECT_GE(std::ranges::count(later, '1'), 2) << later;
}

TEST(Balancer, KeepsASessionWhereItIsOnEveryThread) {
  Plan plan = plan_with({1, 1, 1});
  plan.affinity = Affinity::Session;
  Balancer one;
  Balancer other;
  other.route(plan, {});

  for (int i = 0; i < 100; ++i) {
    const std::string session = "session-" + std::to_string(i);
    const ModelRoute route = one.route(plan, {.session = session});
    EXPECT_EQ(route.first, one.route(plan, {.session = session}).first);
    EXPECT_EQ(route.first, other.route(plan, {.session = session}).first);
    EXPECT_EQ(route.rest, other.route(plan, {.session = session}).rest);
  }
}

TEST(Balancer, MovesOnlyTheSessionsOfATargetThatGoes) {
  Plan plan = plan_with({1, 2, 3, 4});
  plan.affinity = Affinity::Session;
  Plan smaller = plan;
  smaller.choices.erase(smaller.choices.begin() + 2);
  Balancer balancer;
  int moved = 0;

  for (int i = 0; i < 1000; ++i) {
    const std::string session = "session-" + std::to_string(i);
    const Target before = balancer.route(plan, {.session = session}).first;
    const Target after = balancer.route(smaller, {.session = session}).first;
    if (before.provider != 2) {
      EXPECT_EQ(before, after);
    }
    if (before != after) ++moved;
  }

  EXPECT_GT(moved, 0);
}

TEST(Balancer, SharesSessionsByWeight) {
  Plan plan = plan_with({1, 3});
  plan.affinity = Affinity::Session;
  Balancer balancer;
  std::map<std::size_t, int> sessions;

  for (int i = 0; i < 10'000; ++i) {
    ++sessions[balancer.route(plan, {.session = "s" + std::to_string(i)}).first.provider];
  }

  EXPECT_NEAR(sessions[1], 7500, 200);
}

TEST(Balancer, BalancesRequestsThatHaveNoSession) {
  Plan plan = plan_with({1, 1});
  plan.affinity = Affinity::Session;
  Balancer balancer;

  EXPECT_EQ(firsts(balancer, plan, 4), "0101");
}

}  // namespace
}  // namespace vdm::proxy::balancer_test
