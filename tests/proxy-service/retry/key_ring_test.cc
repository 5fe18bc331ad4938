#include "proxy-service/retry/key_ring.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace vdm::proxy {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime Start{std::chrono::hours(1)};

std::optional<std::size_t> take_one(KeyRing& ring, MonotonicTime now) {
  KeyRing::Tried tried;
  return ring.take(tried, now);
}

TEST(KeyRing, GivesTheKeysInTurn) {
  KeyRing ring(3, {});

  for (const std::size_t key : {0, 1, 2, 0, 1}) EXPECT_EQ(take_one(ring, Start), key);
}

TEST(KeyRing, GivesOneRequestEachKeyOnce) {
  KeyRing ring(3, {});
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
  KeyRing ring(2, {.cooldown = 10s});
  ring.answered(0, 401, std::nullopt, Start);

  EXPECT_EQ(take_one(ring, Start), 1u);
  EXPECT_EQ(take_one(ring, Start + 9s), 1u);
  EXPECT_EQ(take_one(ring, Start + 10s), 0u);
}

TEST(KeyRing, RestsAsLongAsTheProviderSaidWithinTheLimit) {
  KeyRing ring(2, {.cooldown = 10s, .cooldown_max = 60s});
  ring.answered(0, 429, 30s, Start);
  ring.answered(1, 429, 24h, Start);

  EXPECT_TRUE(ring.cools_down(0, Start + 29s));
  EXPECT_FALSE(ring.cools_down(0, Start + 30s));
  EXPECT_TRUE(ring.cools_down(1, Start + 59s));
  EXPECT_FALSE(ring.cools_down(1, Start + 60s));
}

TEST(KeyRing, RestsOnlyForWhatIsAboutTheKey) {
  for (const int status : {200, 400, 404, 422, 500, 503, 529}) {
    KeyRing ring(1, {});
    ring.answered(0, status, 30s, Start);

    EXPECT_FALSE(ring.cools_down(0, Start)) << status;
  }
  for (const int status : {401, 403, 429}) {
    KeyRing ring(1, {});
    ring.answered(0, status, std::nullopt, Start);

    EXPECT_TRUE(ring.cools_down(0, Start)) << status;
  }
}

TEST(KeyRing, KeepsTheLongerOfTwoWords) {
  KeyRing ring(1, {});
  ring.answered(0, 429, 30s, Start);
  ring.answered(0, 429, 1s, Start);

  EXPECT_TRUE(ring.cools_down(0, Start + 29s));
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
    KeyRing ring(1 + random() % 64, {.cooldown = 5s, .cooldown_max = 20s});
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

TEST(KeyRing, HasNothingToGiveWithoutKeys) {
  KeyRing ring(0, {});
  KeyRing::Tried tried;

  EXPECT_FALSE(ring.take(tried, Start));
  EXPECT_FALSE(ring.end_cooldown(tried, Start));
}

}  // namespace
}  // namespace vdm::proxy
