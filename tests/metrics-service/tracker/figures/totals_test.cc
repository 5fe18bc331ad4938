#include "metrics-service/tracker/figures/totals.h"

#include <gtest/gtest.h>

#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::totals_test {
namespace {

using namespace scenario;

RequestFacts asked(const std::string& requested, const std::string& provider = "",
                   const std::string& resolved = "") {
  RequestFacts facts;
  facts.requested_model = requested;
  facts.provider = provider;
  facts.resolved_model = resolved;
  return facts;
}

TEST(Totals, TakesAProviderOffAModelsNameOnlyWhenItIsThatProvider) {
  EXPECT_EQ(requested_without_provider(asked("openai:gpt-4o", "openai")), "gpt-4o");
  EXPECT_EQ(requested_without_provider(asked("OpenAI:gpt-4o", "openai")), "gpt-4o");
  EXPECT_EQ(requested_without_provider(asked("org/m:free", "openrouter")), "org/m:free");
  EXPECT_EQ(requested_without_provider(asked("openrouter:org/m:free", "openrouter")), "org/m:free");
  EXPECT_EQ(requested_without_provider(asked("openai:", "openai")), "");
}

TEST(Totals, GivesAModelOneNameInEveryView) {
  EXPECT_EQ(model_of(asked("haiku", "p", "org/m:free")), "org/m:free");
  EXPECT_EQ(model_of(asked("p:org/m:free", "p")), "org/m:free");
  EXPECT_EQ(model_of(asked("")), "unknown");
  EXPECT_EQ(provider_of(asked("x:y")), "unknown") << "nobody resolved it, so x is nobody's name";
}

TEST(Totals, CountsOutcomesApart) {
  Totals totals(10);
  const auto one = facts("a");
  for (const Outcome outcome : {Outcome::Ok, Outcome::UpstreamError, Outcome::ClientCancelled,
                                Outcome::CancelledByOperator, Outcome::Timeout}) {
    totals.started(*one, 1);
    totals.ended(end_of(one, outcome), *one, 2);
  }

  const Counters& sum = totals.summary().counters.total;
  EXPECT_EQ(sum.requests, 5u);
  EXPECT_EQ(sum.errors, 2u);
  EXPECT_EQ(sum.cancelled, 2u);
  EXPECT_EQ(sum.output_tokens, 100u) << "what a cancelled request used counts";
  EXPECT_EQ(totals.summary().counters.streaming, sum);
  EXPECT_EQ(totals.error_counts().at("timeout"), 1u);
  EXPECT_EQ(totals.error_counts().at("upstream_error"), 1u);
}

TEST(Totals, CountsModelsPastTheBoundAsOther) {
  Totals totals(2);
  for (const char* model : {"a", "b", "c", "d", "a"}) {
    const auto one = facts("r", model);
    totals.started(*one, 1);
    totals.ended(end_of(one), *one, 1);
  }
  const auto elsewhere = facts("r", "x", "q");
  totals.started(*elsewhere, 1);

  const auto& models = totals.providers().at("p").models;
  EXPECT_EQ(models.size(), 3u);
  EXPECT_EQ(models.at("a").counters.total.requests, 2u);
  EXPECT_EQ(models.at("other").counters.total.requests, 2u);
  EXPECT_EQ(totals.providers().at("other").models.at("other").active, 1u);
  EXPECT_GT(totals.capped(), 0u);
}

TEST(Totals, RemembersTheLatestStart) {
  Totals totals(10);
  totals.started(*facts("a", "m", "p", 5000), 1);
  totals.started(*facts("b", "m", "p", 3000), 2);

  EXPECT_EQ(totals.summary().last_accessed, at(5000).wall);
  EXPECT_EQ(totals.providers().at("p").models.at("m").last_accessed, at(5000).wall);
}

TEST(Totals, BoundsTheKindsOfErrors) {
  Totals totals(10);
  for (int i = 0; i < 200; ++i) {
    Ended ended = end_of(facts("a"), Outcome::UpstreamError);
    ended.error_type = "kind" + std::to_string(i);
    totals.started(*ended.facts, 1);
    totals.ended(ended, *ended.facts, 1);
  }

  EXPECT_EQ(totals.error_counts().size(), 65u);
  EXPECT_EQ(totals.error_counts().at("other"), 136u);
}

}  // namespace
}  // namespace vdm::metrics::totals_test
