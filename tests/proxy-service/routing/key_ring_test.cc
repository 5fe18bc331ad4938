#include "proxy-service/routing/key_ring.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace vdm::proxy {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime Start{std::chrono::hours(1)};

std::optional<std::size_t> take_one(KeyRing& ring, MonotonicTime now) {
  KeyRing::Turn turn;
  return ring.take(turn, now);
}

TEST(KeyRing, GivesTheKeysInTurn) {
  KeyRing ring(3, {});

  for (const std::size_t key : {0, 1, 2, 0, 1}) EXPECT_EQ(take_one(ring, Start), key);
}

TEST(KeyRing, GivesOneRequestEachKeyOnce) {
  KeyRing ring(3, {});
  KeyRing::Turn turn;

  std::set<std::size_t> given;
  while (const auto key = ring.take(turn, Start)) {
    ASSERT_TRUE(given.insert(*key).second);
    EXPECT_TRUE(turn.has(*key));
  }

  EXPECT_EQ(given.size(), 3u);
  EXPECT_FALSE(ring.has_next(turn, Start));
}

TEST(KeyRing, SkipsAKeyUntilItsRestIsOver) {
  KeyRing ring(2, {.rest = 10s});
  ring.answered(0, 401, std::nullopt, Start);

  EXPECT_EQ(take_one(ring, Start), 1u);
  EXPECT_EQ(take_one(ring, Start + 9s), 1u);
  EXPECT_EQ(take_one(ring, Start + 10s), 0u);
}

TEST(KeyRing, RestsAsLongAsTheProviderSaidWithinTheLimit) {
  KeyRing ring(2, {.rest = 10s, .rest_max = 60s});
  ring.answered(0, 429, 30s, Start);
  ring.answered(1, 429, 24h, Start);

  EXPECT_TRUE(ring.rests(0, Start + 29s));
  EXPECT_FALSE(ring.rests(0, Start + 30s));
  EXPECT_TRUE(ring.rests(1, Start + 59s));
  EXPECT_FALSE(ring.rests(1, Start + 60s));
}

TEST(KeyRing, RestsOnlyForWhatIsAboutTheKey) {
  for (const int status : {200, 400, 404, 422, 500, 503, 529}) {
    KeyRing ring(1, {});
    ring.answered(0, status, 30s, Start);

    EXPECT_FALSE(ring.rests(0, Start)) << status;
  }
  for (const int status : {401, 403, 429}) {
    KeyRing ring(1, {});
    ring.answered(0, status, std::nullopt, Start);

    EXPECT_TRUE(ring.rests(0, Start)) << status;
  }
}

TEST(KeyRing, KeepsTheLongerOfTwoWords) {
  KeyRing ring(1, {});
  ring.answered(0, 429, 30s, Start);
  ring.answered(0, 429, 1s, Start);

  EXPECT_TRUE(ring.rests(0, Start + 29s));
}

TEST(KeyRing, GivesNothingWhenAllRest) {
  KeyRing ring(2, {});
  ring.answered(0, 429, 30s, Start);
  ring.answered(1, 429, 20s, Start);

  EXPECT_FALSE(take_one(ring, Start));
}

TEST(KeyRing, WakesTheKeyWithTheLeastRestLeft) {
  KeyRing ring(3, {});
  ring.answered(0, 429, 30s, Start);
  ring.answered(1, 429, 20s, Start);
  ring.answered(2, 429, 25s, Start);
  KeyRing::Turn turn;

  EXPECT_EQ(ring.wake(turn, Start), 1u);
  EXPECT_FALSE(ring.rests(1, Start));
  EXPECT_EQ(ring.wake(turn, Start), 2u);
  EXPECT_EQ(ring.wake(turn, Start), 0u);
  EXPECT_FALSE(ring.wake(turn, Start));
}

TEST(KeyRing, NeverGivesAKeyThatRestsNorOneTwice) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    KeyRing ring(1 + random() % 64, {.rest = 5s, .rest_max = 20s});
    MonotonicTime now = Start;
    for (int request = 0; request < 50; ++request) {
      now += std::chrono::milliseconds(random() % 2000);
      KeyRing::Turn turn;
      std::set<std::size_t> given;
      while (const auto key = ring.take(turn, now)) {
        ASSERT_FALSE(ring.rests(*key, now));
        ASSERT_TRUE(given.insert(*key).second);
        const int statuses[] = {200, 401, 403, 429, 500};
        const int status = statuses[random() % 5];
        ring.answered(*key, status, std::chrono::seconds(random() % 40), now);
        if (status == 200) break;
      }
    }
  }
}

TEST(KeyRing, HasNothingToGiveWithoutKeys) {
  KeyRing ring(0, {});
  KeyRing::Turn turn;

  EXPECT_FALSE(ring.take(turn, Start));
  EXPECT_FALSE(ring.wake(turn, Start));
}

}  // namespace
}  // namespace vdm::proxy
