#include "metrics-service/tracker/sequence_window.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace vdm::metrics::sequence_window_test {
namespace {

TEST(SequenceWindow, TakesEachNumberOnce) {
  SequenceWindow window;

  EXPECT_TRUE(window.take(1, 3));
  EXPECT_FALSE(window.take(2, 3));
  EXPECT_TRUE(window.take(3, 4));
  EXPECT_FALSE(window.take(4, 4));
  EXPECT_EQ(window.highest(), 4u);
  EXPECT_EQ(window.missing(), 0u);
}

TEST(SequenceWindow, CountsAHoleUntilItIsFilled) {
  SequenceWindow window;
  window.take(1, 1);
  window.take(5, 6);
  EXPECT_EQ(window.missing(), 3u);

  EXPECT_TRUE(window.take(3, 3));
  EXPECT_EQ(window.missing(), 2u);
  EXPECT_TRUE(window.take(1, 6));
  EXPECT_EQ(window.missing(), 0u);
}

TEST(SequenceWindow, BeginsWhereItIsTold) {
  SequenceWindow window;
  window.start_after(99);

  EXPECT_FALSE(window.take(99, 99));
  EXPECT_TRUE(window.take(100, 100));
  EXPECT_EQ(window.missing(), 0u);
}

TEST(SequenceWindow, AgreesWithASetWhateverComes) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    SequenceWindow window;
    std::set<std::uint64_t> known;
    for (int i = 0; i < 300; ++i) {
      const std::uint64_t from = 1 + random() % 120;
      const std::uint64_t to = from + random() % 5;
      bool fresh = false;
      for (auto seq = from; seq <= to; ++seq) fresh |= known.insert(seq).second;

      ASSERT_EQ(window.take(from, to), fresh) << "seed " << seed << " at " << i;
      ASSERT_EQ(window.highest(), *known.rbegin());
      ASSERT_EQ(window.missing(), *known.rbegin() - known.size());
    }
  }
}

TEST(SequenceWindow, GivesUpTheOldestHoleWhenThereAreTooMany) {
  SequenceWindow window;
  for (std::uint64_t seq = 2; seq <= 6000; seq += 2) window.take(seq, seq);

  EXPECT_EQ(window.missing(), 3000u);
  EXPECT_FALSE(window.take(1, 1)) << "given up: it counts as missing for good";
  EXPECT_TRUE(window.take(5999, 5999));
  EXPECT_EQ(window.missing(), 2999u);
}

}  // namespace
}  // namespace vdm::metrics::sequence_window_test
