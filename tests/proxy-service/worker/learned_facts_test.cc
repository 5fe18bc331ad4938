#include "proxy-service/worker/learned_facts.h"

#include <gtest/gtest.h>

namespace vdm::proxy::learned_facts_test {
namespace {

using namespace std::chrono_literals;

LearnedFacts::Lesson without_stop(std::string provider, std::string model) {
  LearnedFacts::Lesson lesson{
      .provider = std::move(provider), .model = std::move(model), .member = "stop"};
  lesson.facts.stated_traits.set(Trait::TakesStop);
  return lesson;
}

bool takes_stop(const LearnedFacts& learned, std::string_view provider, std::string_view model,
                MonotonicTime now) {
  ModelFacts facts;
  facts.traits.set(Trait::TakesStop);
  learned.apply(provider, model, now, facts);
  return facts.has(Trait::TakesStop);
}

TEST(LearnedFacts, HoldForOneModelOfOneProvider) {
  LearnedFacts learned;
  const MonotonicTime now{1h};
  learned.learn(without_stop("p", "m"), now);

  EXPECT_FALSE(takes_stop(learned, "p", "m", now));
  EXPECT_TRUE(takes_stop(learned, "p", "other", now));
  EXPECT_TRUE(takes_stop(learned, "other", "m", now));
}

TEST(LearnedFacts, AreForgottenAfterAnHour) {
  LearnedFacts learned;
  const MonotonicTime now{1h};
  learned.learn(without_stop("p", "m"), now);

  EXPECT_FALSE(takes_stop(learned, "p", "m", now + 59min));
  EXPECT_TRUE(takes_stop(learned, "p", "m", now + 60min));
  EXPECT_TRUE(learned.lessons(now + 60min).empty());
}

TEST(LearnedFacts, AreListedOnceAndInOrder) {
  LearnedFacts learned;
  const MonotonicTime now{1h};
  learned.learn(without_stop("q", "m"), now);
  learned.learn(without_stop("p", "m"), now);
  learned.learn(without_stop("p", "m"), now + 1min);

  const auto lessons = learned.lessons(now + 1min);
  ASSERT_EQ(lessons.size(), 2u);
  EXPECT_EQ(lessons[0].provider, "p");
  EXPECT_EQ(lessons[0].until, now + 61min);
  EXPECT_EQ(lessons[1].provider, "q");
}

TEST(LearnedFacts, LoseTheOldestBeyondTheirBound) {
  LearnedFacts learned;
  const MonotonicTime now{1h};
  for (std::size_t i = 0; i <= LearnedFacts::LessonsMax; ++i) {
    learned.learn(without_stop("p", std::to_string(i)), now);
  }

  EXPECT_EQ(learned.lessons(now).size(), LearnedFacts::LessonsMax);
  EXPECT_TRUE(takes_stop(learned, "p", "0", now));
  EXPECT_FALSE(takes_stop(learned, "p", "1", now));
}

}  // namespace
}  // namespace vdm::proxy::learned_facts_test
