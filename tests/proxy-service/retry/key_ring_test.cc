#include "proxy-service/retry/key_ring.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace vdm::proxy::key_ring_test {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime Start{std::chrono::hours(1)};

std::vector<Secret> keys(std::size_t count) {
  std::vector<Secret> made;
  for (std::size_t i = 0; i < count; ++i) made.emplace_back("sk-key-" + std::to_string(i));
  return made;
}

/// A ring with cooldowns of its own.
struct Ring : private KeyCooldowns, KeyRing {
  Ring(std::span<const Secret> keys, Affinity affinity, Options options)
      : KeyCooldowns(keys.size()), KeyRing(keys, affinity, options, *this) {}
  using KeyRing::cools_down;
};

Ring in_turn(std::size_t count, KeyRing::Options options = {}) {
  return {keys(count), Affinity::None, options};
}

std::optional<std::size_t> take_one(KeyRing& ring, MonotonicTime now, std::uint64_t session = 0) {
  KeyRing::Tried tried;
  return ring.take(tried, now, session);
}

std::uint64_t session(int number) {
  return session_hash("session-" + std::to_string(number), "", "");
}

TEST(KeyRing, GivesTheKeysInTurn) {
  Ring ring = in_turn(3);

  for (const std::size_t key : {0, 1, 2, 0, 1}) EXPECT_EQ(take_one(ring, Start), key);
}

TEST(KeyRing, GivesOneRequestEachKeyOnce) {
  Ring ring = in_turn(3);
  KeyRing::Tried tried;

  std::set<std::size_t> given;
  while (const auto key = ring.take(tried, Start)) {
    ASSERT_TRUE(given.insert(*key).second);
    EXPECT_TRUE(tried.has(*key));
  }

  EXPECT_EQ(given.size(), 3u);
  EXPECT_FALSE(ring.has_next(tried, Start));
}

TEST(KeyRing, SkipsAKeyUntilItsRestIsOver) {
  Ring ring = in_turn(2, {.cooldown = 10s});
  ring.answered(0, 401, std::nullopt, Start);

  EXPECT_EQ(take_one(ring, Start), 1u);
  EXPECT_EQ(take_one(ring, Start + 9s), 1u);
  EXPECT_EQ(take_one(ring, Start + 10s), 0u);
}

TEST(KeyRing, RestsAsLongAsTheProviderSaidWithinTheLimit) {
  Ring ring = in_turn(2, {.cooldown = 10s, .cooldown_max = 60s});
  ring.answered(0, 429, 30s, Start);
  ring.answered(1, 429, 24h, Start);

  EXPECT_TRUE(ring.cools_down(0, Start + 29s));
  EXPECT_FALSE(ring.cools_down(0, Start + 30s));
  EXPECT_TRUE(ring.cools_down(1, Start + 59s));
  EXPECT_FALSE(ring.cools_down(1, Start + 60s));
}

TEST(KeyRing, RestsOnlyForWhatIsAboutTheKey) {
  for (const int status : {200, 400, 404, 422, 500, 503, 529}) {
    Ring ring = in_turn(1);
    ring.answered(0, status, 30s, Start);

    EXPECT_FALSE(ring.cools_down(0, Start)) << status;
  }
  for (const int status : {401, 403, 429}) {
    Ring ring = in_turn(1);
    ring.answered(0, status, std::nullopt, Start);

    EXPECT_TRUE(ring.cools_down(0, Start)) << status;
  }
}

TEST(KeyRing, KeepsTheLongerOfTwoWords) {
  Ring ring = in_turn(1);
  ring.answered(0, 429, 30s, Start);
  ring.answered(0, 429, 1s, Start);

  EXPECT_TRUE(ring.cools_down(0, Start + 29s));
}

TEST(KeyRing, GivesNothingWhenAllRest) {
  Ring ring = in_turn(2);
  ring.answered(0, 429, 30s, Start);
  ring.answered(1, 429, 20s, Start);

  EXPECT_FALSE(take_one(ring, Start));
}

TEST(KeyRing, WakesTheKeyWithTheLeastRestLeft) {
  Ring ring = in_turn(3);
  ring.answered(0, 429, 30s, Start);
  ring.answered(1, 429, 20s, Start);
  ring.answered(2, 429, 25s, Start);
  KeyRing::Tried tried;

  EXPECT_EQ(ring.end_cooldown(tried, Start), 1u);
  EXPECT_FALSE(ring.cools_down(1, Start));
  EXPECT_EQ(ring.end_cooldown(tried, Start), 2u);
  EXPECT_EQ(ring.end_cooldown(tried, Start), 0u);
  EXPECT_FALSE(ring.end_cooldown(tried, Start));
}

TEST(KeyRing, NeverGivesAKeyThatRestsNorOneTwice) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    Ring ring = in_turn(1 + random() % 64, {.cooldown = 5s, .cooldown_max = 20s});
    MonotonicTime now = Start;
    for (int request = 0; request < 50; ++request) {
      now += std::chrono::milliseconds(random() % 2000);
      KeyRing::Tried tried;
      std::set<std::size_t> given;
      while (const auto key = ring.take(tried, now)) {
        ASSERT_FALSE(ring.cools_down(*key, now));
        ASSERT_TRUE(given.insert(*key).second);
        const int statuses[] = {200, 401, 403, 429, 500};
        const int status = statuses[random() % 5];
        ring.answered(*key, status, std::chrono::seconds(random() % 40), now);
        if (status == 200) break;
      }
    }
  }
}

TEST(KeyRing, GivesASessionItsKeyAgain) {
  Ring ring(keys(5), Affinity::Session, {});
  std::set<std::size_t> used;

  for (int i = 0; i < 100; ++i) {
    const auto key = take_one(ring, Start, session(i));
    ASSERT_TRUE(key);
    used.insert(*key);
    for (int again = 0; again < 3; ++again) EXPECT_EQ(take_one(ring, Start, session(i)), key);
  }

  EXPECT_EQ(used.size(), 5u);
}

TEST(KeyRing, SpreadsSessionsEvenly) {
  Ring ring(keys(8), Affinity::Session, {});
  std::vector<int> sessions(8);

  for (int i = 0; i < 8000; ++i) ++sessions[take_one(ring, Start, session(i)).value()];

  for (const int count : sessions) EXPECT_NEAR(count, 1000, 150);
}

TEST(KeyRing, GivesASessionTheSameKeyWhateverTheirOrder) {
  const std::vector<Secret> some = keys(7);
  const std::vector<Secret> reversed(some.rbegin(), some.rend());
  Ring one(some, Affinity::Session, {});
  Ring other(reversed, Affinity::Session, {});

  for (int i = 0; i < 200; ++i) {
    const auto here = take_one(one, Start, session(i));
    const auto there = take_one(other, Start, session(i));
    ASSERT_EQ(some[here.value()].reveal(), reversed[there.value()].reveal());
  }
}

TEST(KeyRing, MovesOnlyTheSessionsOfAKeyThatRestsAndTakesThemBack) {
  Ring ring(keys(5), Affinity::Session, {.cooldown = 10s});
  std::vector<std::size_t> before;
  for (int i = 0; i < 500; ++i) before.push_back(take_one(ring, Start, session(i)).value());
  ring.answered(2, 429, std::nullopt, Start);

  std::set<std::size_t> moved_to;
  for (int i = 0; i < 500; ++i) {
    const auto key = take_one(ring, Start + 9s, session(i));
    if (before[i] != 2) {
      EXPECT_EQ(key, before[i]);
    } else {
      EXPECT_NE(key, 2u);
      moved_to.insert(key.value());
    }
    EXPECT_EQ(take_one(ring, Start + 10s, session(i)), before[i]);
  }
  EXPECT_EQ(moved_to.size(), 4u) << "not all to one neighbour";
}

TEST(KeyRing, GivesASessionsRequestEveryKeyOnceInItsOwnOrder) {
  Ring ring(keys(6), Affinity::Session, {});
  for (int i = 0; i < 20; ++i) {
    std::vector<std::size_t> order[2];
    for (auto& given : order) {
      KeyRing::Tried tried;
      while (const auto key = ring.take(tried, Start, session(i))) given.push_back(*key);
    }
    EXPECT_EQ(order[0], order[1]);
    EXPECT_EQ(std::set(order[0].begin(), order[0].end()).size(), 6u);
  }
}

TEST(KeyRing, IsToldWhatAnotherThreadsRingWasTold) {
  const std::vector<Secret> two = keys(2);
  KeyCooldowns cooldowns(2);
  KeyRing here(two, Affinity::None, {.cooldown = 10s}, cooldowns);
  KeyRing there(two, Affinity::None, {.cooldown = 10s}, cooldowns);

  here.answered(0, 429, std::nullopt, Start);

  EXPECT_EQ(take_one(there, Start), 1u);
  EXPECT_EQ(take_one(there, Start), 1u);
  EXPECT_EQ(take_one(there, Start + 10s), 0u);
}

TEST(KeyRing, LooksAtNoSessionWithOneKey) {
  EXPECT_FALSE(Ring(keys(1), Affinity::Session, {}).by_session());
  EXPECT_FALSE(Ring(keys(2), Affinity::None, {}).by_session());
  EXPECT_TRUE(Ring(keys(2), Affinity::Session, {}).by_session());
}

TEST(SessionHash, IsOfTheClientAndTheRequestsBeginningWhereNoSessionIsNamed) {
  const std::string begin(4096, 'b');

  EXPECT_EQ(session_hash("s", "one", "x"), session_hash("s", "other", "y"));
  EXPECT_EQ(session_hash("", "one", begin + "turn 1"), session_hash("", "one", begin + "turn 2"));
  EXPECT_NE(session_hash("", "one", begin), session_hash("", "other", begin));
  EXPECT_NE(session_hash("", "one", begin), session_hash("", "one", begin.substr(1) + "c"));
}

TEST(KeyRing, GivesAnOwnerItsKeyWhateverTheAffinityAndTheOrderOfTheKeys) {
  std::vector<Secret> same = keys(5);
  std::vector<Secret> other(same.rbegin(), same.rend());
  Ring in_turn(same, Affinity::None, {});
  Ring by_session(other, Affinity::Session, {});
  std::set<std::size_t> used;
  for (int client = 0; client < 40; ++client) {
    const std::uint64_t owner = owner_hash("client-" + std::to_string(client), "store");
    KeyRing::Tried tried;
    KeyRing::Tried tried_there;
    const auto key = in_turn.take_of_owner(tried, Start, owner);
    const auto there = by_session.take_of_owner(tried_there, Start, owner);

    ASSERT_TRUE(key && there);
    EXPECT_EQ(same[*key].reveal(), other[*there].reveal());
    used.insert(*key);
    EXPECT_NE(in_turn.take_of_owner(tried, Start, owner), key) << "the next of one request";
  }
  EXPECT_EQ(used.size(), 5u);
}

TEST(OwnerHash, IsOfTheClientAndTheProvider) {
  EXPECT_EQ(owner_hash("a", "p"), owner_hash("a", "p"));
  EXPECT_NE(owner_hash("a", "p"), owner_hash("b", "p"));
  EXPECT_NE(owner_hash("a", "p"), owner_hash("a", "q"));
  EXPECT_NE(owner_hash("a", "p"), owner_hash("p", "a"));
}

TEST(KeyRing, HasNothingToGiveWithoutKeys) {
  Ring ring = in_turn(0);
  KeyRing::Tried tried;

  EXPECT_FALSE(ring.take(tried, Start));
  EXPECT_FALSE(ring.end_cooldown(tried, Start));
}

}  // namespace
}  // namespace vdm::proxy::key_ring_test
