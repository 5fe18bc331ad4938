#include "metrics-service/tracker/figures/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace vdm::metrics::histogram_test {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, SaysNothingOfNothing) {
  EXPECT_FALSE(Histogram().percentile(0.5));
  EXPECT_EQ(Histogram().count(), 0u);
}

TEST(Histogram, FindsPercentilesWithinABucketsWidth) {
  std::mt19937 random(7);
  std::vector<std::int64_t> values;
  Histogram histogram;
  for (int i = 0; i < 5000; ++i) {
    values.push_back(static_cast<std::int64_t>(100 + random() % 30'000'000));
    histogram.add(Micros(values.back()));
  }
  std::ranges::sort(values);

  for (const double fraction : {0.05, 0.5, 0.95, 0.99}) {
    const auto exact = static_cast<double>(values[static_cast<std::size_t>(fraction * 5000)]);
    const auto found = static_cast<double>(histogram.percentile(fraction)->count());
    EXPECT_NEAR(found, exact, exact * 0.13) << fraction;
  }
}

TEST(Histogram, OfASumIsTheSumOfHistograms) {
  Histogram one;
  Histogram two;
  Histogram both;
  for (int i = 1; i < 400; ++i) {
    const Micros value(i * i * 1000);
    (i % 3 ? one : two).add(value);
    both.add(value);
  }

  one.merge(two);

  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.sum(), both.sum());
  EXPECT_EQ(one.percentile(0.5), both.percentile(0.5));
  EXPECT_EQ(one.percentile(0.95), both.percentile(0.95));
}

TEST(Histogram, CountsBelowAPowerOfTwoExactly) {
  Histogram histogram;
  const Micros edge(1 << 20);
  histogram.add(edge - 1us);
  histogram.add(edge);
  histogram.add(edge + 1us);

  EXPECT_EQ(histogram.count_below(edge), 1u);
  EXPECT_EQ(histogram.count_below(Micros(1 << 21)), 3u);
}

TEST(Histogram, KeepsWhatIsOutsideItsRange) {
  Histogram histogram;
  histogram.add(Micros(-5));
  histogram.add(Micros(0));
  histogram.add(24h);

  EXPECT_EQ(histogram.count(), 3u);
  EXPECT_EQ(histogram.sum(), Micros(24h));
  EXPECT_GE(*histogram.percentile(1.0), Micros(1h));
}

}  // namespace
}  // namespace vdm::metrics::histogram_test
