#include "metrics-service/filter/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace vdm::metrics::glob_test {
namespace {

TEST(Glob, MatchesTheWholeTextWithoutRegardToCase) {
  EXPECT_TRUE(matches_glob("gpt-4o", "GPT-4o"));
  EXPECT_FALSE(matches_glob("gpt", "gpt-4o"));
  EXPECT_TRUE(matches_glob("gpt*", "gpt"));
  EXPECT_TRUE(matches_glob("*4*", "gpt-4o"));
  EXPECT_TRUE(matches_glob("g?t-4?", "gpt-4o"));
  EXPECT_FALSE(matches_glob("g?t-4?", "gpt-4"));
  EXPECT_TRUE(matches_glob("*a*b*c", "xxabxbxc"));
  EXPECT_FALSE(matches_glob("*a*b*c", "xxabxbx"));
}

TEST(Glob, KnowsNothingElseThatIsSpecial) {
  EXPECT_FALSE(matches_glob("[ab]", "a"));
  EXPECT_TRUE(matches_glob("[ab]", "[AB]"));
  EXPECT_TRUE(matches_glob("a.c", "a.c"));
  EXPECT_FALSE(matches_glob("a.c", "abc"));
}

TEST(Glob, MatchesNothingWhenEitherIsEmpty) {
  EXPECT_FALSE(matches_glob("", "a"));
  EXPECT_FALSE(matches_glob("*", ""));
}

TEST(Glob, IsNotSlowedDownByManyStars) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";

  EXPECT_FALSE(matches_glob(pattern + "b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace vdm::metrics::glob_test
