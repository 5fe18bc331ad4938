#include "proxy-service/worker/config_snapshot.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/recording_sink.h"

namespace vdm::proxy::config_snapshot_test {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime Until{std::chrono::hours(2)};

class ConfigSnapshotTest : public ::testing::Test {
 protected:
  std::unique_ptr<ConfigSnapshot> snapshot(const Provider& provider,
                                           const ConfigSnapshot* before = nullptr) {
    Config config;
    config.providers = {provider};
    return std::make_unique<ConfigSnapshot>(std::move(config), state_, before);
  }
  static Provider provider(std::vector<std::string> keys) {
    Provider made{.name = "open"};
    made.doors.front().base_url.host = "api.example.com";
    for (const std::string& key : keys) made.keys.emplace_back(key);
    return made;
  }
  /// Of one whose second key cools down.
  std::unique_ptr<ConfigSnapshot> before() {
    auto first = snapshot(provider({"one", "two", "three"}));
    first->key_cooldowns[0].extend(1, Until);
    return first;
  }
  static bool cools_down(const ConfigSnapshot& snapshot, std::size_t key) {
    return snapshot.key_cooldowns[0].cools_down(key, Until - 1s);
  }

 private:
  const SystemClock clock_;
  const TlsContext tls_ = std::move(*TlsContext::make());
  fakes::RecordingSink sink_;
  ServerState state_{.tls = tls_,
                     .clock = clock_,
                     .names = NameResolver(clock_),
                     .sink = sink_,
                     .instance_id = "00112233445566778899aabbccddeeff",
                     .started_at = {},
                     .metrics_state = {},
                     .bodies = BodyBudget(1 << 20)};
};

TEST_F(ConfigSnapshotTest, LeavesAKeyThatStaysItsCooldownWhereverItStands) {
  const auto first = before();

  const auto next = snapshot(provider({"two", "four", "one"}), first.get());

  EXPECT_TRUE(cools_down(*next, 0));
  EXPECT_FALSE(cools_down(*next, 1));
  EXPECT_FALSE(cools_down(*next, 2));
}

TEST_F(ConfigSnapshotTest, IsToldWhatRequestsByTheOneBeforeStillMeet) {
  const auto first = before();
  const auto next = snapshot(provider({"one", "two", "three"}), first.get());

  first->key_cooldowns[0].extend(2, Until);

  EXPECT_TRUE(cools_down(*next, 2));
}

TEST_F(ConfigSnapshotTest, BeginsAnewForAnotherProviderOrAddress) {
  const auto first = before();
  Provider renamed = provider({"one", "two", "three"});
  renamed.name = "other";
  Provider moved = provider({"one", "two", "three"});
  moved.doors.front().base_url.port = 444;

  EXPECT_FALSE(cools_down(*snapshot(renamed, first.get()), 1));
  EXPECT_FALSE(cools_down(*snapshot(moved, first.get()), 1));
}

TEST(KeyCooldowns, KeepTheLongestThatAnyThreadWasTold) {
  KeyCooldowns cooldowns(1);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&cooldowns, thread] {
        for (int i = 0; i < 1000; ++i) {
          cooldowns.extend(0, MonotonicTime(std::chrono::milliseconds(4 * i + thread)));
        }
      });
    }
  }

  EXPECT_EQ(cooldowns.ready_at(0), MonotonicTime(3999ms));
}

}  // namespace
}  // namespace vdm::proxy::config_snapshot_test
