#include "metrics-service/serve/report/totals_report.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::totals_report_test {
namespace {

using namespace scenario;
namespace json = boost::json;

Ended whole(const std::string& id, const std::string& model, const std::string& provider) {
  RequestFacts about = *facts(id, model, provider);
  about.streaming = false;
  return end_of(std::make_shared<const RequestFacts>(about));
}

json::object as_object(const TotalsReport& report) {
  boost::system::error_code fault;
  return json::parse(as_json(report), fault).as_object();
}

TEST(TotalsReport, CountsARunningRequestOnceEverywhere) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {started("a"), started("b"), started("c")}, at(0));

  const auto with = as_object(totals_report(tracker, {}, at(1000)));
  const auto without = as_object(totals_report(tracker, {.with_active = false}, at(1000)));

  const auto& summary = with.at("summary").as_object();
  EXPECT_EQ(summary.at("total_requests").as_int64(), 3);
  EXPECT_EQ(summary.at("active_requests").as_int64(), 3);
  EXPECT_EQ(with.at("providers").at_pointer("/p/rollup/total/requests").as_int64(), 3);
  EXPECT_EQ(with.at("providers").at_pointer("/p/models/m/total/requests").as_int64(), 3);
  EXPECT_EQ(without.at("summary").as_object().at("total_requests").as_int64(), 0);
  EXPECT_EQ(without.at("summary").as_object().at("active_requests").as_int64(), 3);
  EXPECT_TRUE(without.at("providers").as_object().empty());
}

TEST(TotalsReport, AveragesOverWhatEndedAlone) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {ended("a"), started("b"), progress("b", 500, 7)}, at(0));

  const auto report = as_object(totals_report(tracker, {}, at(1000)));

  EXPECT_EQ(report.at("summary").at_pointer("/average_duration_ms").as_int64(), 1500);
  EXPECT_EQ(report.at("summary").at_pointer("/total_output_tokens").as_int64(), 27);
  EXPECT_EQ(report.at("summary").at_pointer("/total_requests").as_int64(), 2);
}

TEST(TotalsReport, CountsARunningRequestUnderTheNameItEndsUnder) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {Started{facts("a", "org/m:free", "openrouter")}}, at(0));
  const auto running = as_object(totals_report(tracker, {}, at(0)));
  tracker.apply(Proxy, 2, {end_of(facts("a", "org/m:free", "openrouter"))}, at(0));
  const auto done = as_object(totals_report(tracker, {}, at(0)));

  for (const auto* report : {&running, &done}) {
    const auto& models = report->at("providers").at_pointer("/openrouter/models").as_object();
    EXPECT_EQ(models.size(), 1u);
    EXPECT_TRUE(models.contains("org/m:free"));
  }
}

TEST(TotalsReport, FiltersByGlobWithoutRegardToCase) {
  Tracker tracker({});
  tracker.apply(
      Proxy, 1,
      {end_of(facts("1", "gpt-4o", "openai")), end_of(facts("2", "gpt-4o-mini", "openai")),
       end_of(facts("3", "claude", "anthropic"))},
      at(0));
  const auto requests = [&](const std::string& provider, const std::string& model) {
    const auto report =
        as_object(totals_report(tracker, {.provider = provider, .model = model}, at(0)));
    return report.at("summary").at_pointer("/total_requests").as_int64();
  };

  EXPECT_EQ(requests("", ""), 3);
  EXPECT_EQ(requests("OPEN*", ""), 2);
  EXPECT_EQ(requests("", "GPT-4?"), 1);
  EXPECT_EQ(requests("*", "*4o*"), 2);
  EXPECT_EQ(requests("", "gpt-[45]o"), 0) << "no character classes";
  EXPECT_EQ(requests("anthropic", "gpt*"), 0);
}

TEST(TotalsReport, LeavesOutTheHalfInWhichNothingHappened) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {whole("a", "m", "p"), end_of(facts("b", "n", "p"))}, at(0));

  const auto report = as_object(totals_report(tracker, {}, at(0)));

  const auto& models = report.at("providers").at_pointer("/p/models").as_object();
  EXPECT_TRUE(models.at("m").as_object().contains("non_streaming"));
  EXPECT_FALSE(models.at("m").as_object().contains("streaming"));
  EXPECT_TRUE(models.at("n").as_object().contains("streaming"));
  EXPECT_FALSE(models.at("n").as_object().contains("non_streaming"));
}

TEST(TotalsReport, WritesTheYamlThatReadersOfTheOriginalKnow) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {whole("a", "org/m:free", "openrouter")}, at(0));

  const std::string yaml = as_yaml(
      totals_report(tracker, {.provider = "open*", .model = "*", .with_active = true}, at(1500)));

  EXPECT_EQ(yaml, R"(# Running Totals Report
# Generated: 2025-11-24T16:00:01.500Z
# Filter: provider=open* & model=*

# Summary Statistics
summary:
  last_accessed:
    top: '2025-11-24T16:00:00.000Z'
  total_requests: 1
  total_errors: 0
  total_input_tokens: 10
  total_output_tokens: 20
  total_cache_read_tokens: 0
  total_cache_creation_tokens: 0
  total_tool_uses: 0
  total_tool_results: 0
  total_tool_calls: 0
  active_requests: 0
  average_duration_ms: 1500
  total_duration_ms: 1500
  total_cancelled: 0
  total_lost: 0
  total_model_mismatches: 0
  since: '2025-11-24T16:00:00.000Z'
  restoring: false

# Provider Breakdown
providers:
  # Openrouter Provider
  openrouter:
    last_accessed: '2025-11-24T16:00:00.000Z'
    rollup:
      total:
        requests: 1
        errors: 0
        input_tokens: 10
        output_tokens: 20
        cache_read_tokens: 0
        cache_creation_tokens: 0
        tool_uses: 0
        tool_results: 0
        tool_calls: 0
        average_duration_ms: 1500
        total_duration_ms: 1500.0
        cancelled: 0
        lost: 0
        model_mismatches: 0
      non_streaming:
        requests: 1
        errors: 0
        input_tokens: 10
        output_tokens: 20
        cache_read_tokens: 0
        cache_creation_tokens: 0
        tool_uses: 0
        tool_results: 0
        tool_calls: 0
        average_duration_ms: 1500
        total_duration_ms: 1500.0
        cancelled: 0
        lost: 0
        model_mismatches: 0
    models:
      "org/m:free":
        last_accessed: '2025-11-24T16:00:00.000Z'
        total:
          requests: 1
          errors: 0
          input_tokens: 10
          output_tokens: 20
          cache_read_tokens: 0
          cache_creation_tokens: 0
          tool_uses: 0
          tool_results: 0
          tool_calls: 0
          average_duration_ms: 1500
          total_duration_ms: 1500.0
          cancelled: 0
          lost: 0
          model_mismatches: 0
        non_streaming:
          requests: 1
          errors: 0
          input_tokens: 10
          output_tokens: 20
          cache_read_tokens: 0
          cache_creation_tokens: 0
          tool_uses: 0
          tool_results: 0
          tool_calls: 0
          average_duration_ms: 1500
          total_duration_ms: 1500.0
          cancelled: 0
          lost: 0
          model_mismatches: 0
)");
}

TEST(TotalsReport, KeepsForeignTextOutOfYamlsStructure) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {end_of(facts("a", "x\nsummary: {}", "#evil\nproviders: {}"))}, at(0));

  const std::string yaml =
      as_yaml(totals_report(tracker, {.provider = "*", .model = "*\nx: y"}, at(0)));

  EXPECT_EQ(yaml.find("\nsummary: {}"), std::string::npos);
  EXPECT_EQ(yaml.find("\nx: y"), std::string::npos);
}

}  // namespace
}  // namespace vdm::metrics::totals_report_test
