#include "metrics-service/serve/report/prometheus.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "common/base/json_writer.h"
#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::report_prometheus_test {
namespace {

using namespace scenario;

std::string exposition(const Tracker& tracker) {
  return prometheus_text(tracker, {.version = "0.1.0", .commit = "abc", .live_readers = 2},
                         at(5000));
}

/// Each line of `text` that is no comment: name with labels -> value.
std::map<std::string, double> samples(const std::string& text) {
  std::map<std::string, double> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto space = line.rfind(' ');
    EXPECT_TRUE(found.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second)
        << "twice: " << line;
  }
  return found;
}

TEST(Prometheus, CountsByProviderModelAndOutcome) {
  Tracker tracker({});
  tracker.hello(hello(), at(0));
  tracker.apply(Proxy, 1,
                {ended("a"), ended("b", Outcome::Timeout), ended("c", Outcome::ClientCancelled),
                 started("d")},
                at(0));

  auto found = samples(exposition(tracker));

  EXPECT_EQ(found.at(R"(vdm_requests_total{provider="p",model="m",outcome="ok"})"), 1);
  EXPECT_EQ(found.at(R"(vdm_requests_total{provider="p",model="m",outcome="error"})"), 1);
  EXPECT_EQ(found.at(R"(vdm_requests_total{provider="p",model="m",outcome="cancelled"})"), 1);
  EXPECT_EQ(found.at(R"(vdm_requests_in_flight{provider="p",model="m"})"), 1);
  EXPECT_EQ(found.at(R"(vdm_tokens_total{provider="p",model="m",type="output"})"), 60);
  EXPECT_EQ(found.at(R"(vdm_request_errors_total{error_type="timeout"})"), 1);
  EXPECT_EQ(found.at(R"(vdm_proxies{state="connected"})"), 1);
  EXPECT_EQ(found.at("vdm_sse_readers"), 2);
  EXPECT_EQ(found.at("vdm_oldest_request_age_seconds"), 5);
}

TEST(Prometheus, CountsAnswersOfAnotherModelByTheModelAsked) {
  Tracker tracker({});
  tracker.hello(hello(), at(0));
  Ended other = end_of(facts("a"));
  set_answered_model(other, "m-lite");
  other.model_mismatch = true;
  tracker.apply(Proxy, 1, {other, ended("b")}, at(0));

  auto found = samples(exposition(tracker));

  EXPECT_EQ(found.at(R"(vdm_model_mismatches_total{provider="p",model="m"})"), 1);
}

TEST(Prometheus, AddsUpTheRejectionsThatProxiesOnlyCounted) {
  Tracker tracker({});
  for (const std::string instance : {"one", "two"}) {
    tracker.hello(hello(instance), at(0));
    tracker.heartbeat(instance, {.rejections_unlisted = 21}, at(1000));
    tracker.left_out(instance, 4, at(1000));
  }

  auto found = samples(exposition(tracker));

  EXPECT_EQ(found.at("vdm_proxy_rejections_unlisted"), 42);
  EXPECT_EQ(found.at("vdm_proxy_implausible_numbers"), 8);
}

TEST(Prometheus, WritesHistogramsThatAddUp) {
  Tracker tracker({});
  for (int i = 1; i <= 50; ++i) {
    Ended one = end_of(facts("r" + std::to_string(i)));
    one.duration = std::chrono::milliseconds(i * i);
    tracker.apply(Proxy, static_cast<std::uint64_t>(i), {one}, at(0));
  }

  auto found = samples(exposition(tracker));

  const std::string name = "vdm_request_duration_seconds";
  EXPECT_EQ(found.at(name + R"(_count{provider="p"})"), 50);
  EXPECT_EQ(found.at(name + R"(_bucket{provider="p",le="+Inf"})"), 50);
  EXPECT_NEAR(found.at(name + R"(_sum{provider="p"})"), 42.925, 1e-9);
  double last = 0;
  for (int power = 14; power <= 30; ++power) {
    const std::string edge = JsonWriter().value(static_cast<double>(1 << power) / 1e6).text();
    const double count = found.at(name + R"(_bucket{provider="p",le=")" + edge + "\"}");
    EXPECT_GE(count, last);
    last = count;
  }
  EXPECT_EQ(found.at(name + R"(_bucket{provider="p",le="1.048576"})"), 32) << "32² ms is 1.024 s";
}

TEST(Prometheus, KeepsEachFamilyTogetherUnderItsType) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {ended("a"), end_of(facts("b", "n", "q"))}, at(0));

  std::set<std::string> done;
  std::string family;
  std::istringstream lines(exposition(tracker));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) continue;
    if (line.starts_with("# TYPE ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(done.insert(family).second) << family << " comes twice";
      continue;
    }
    EXPECT_TRUE(line.starts_with(family)) << line;
  }
}

TEST(Prometheus, EscapesLabels) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {end_of(facts("a", "m\"\\\nx", "p"))}, at(0));

  EXPECT_NE(exposition(tracker).find(R"(model="m\"\\\nx")"), std::string::npos);
}

}  // namespace
}  // namespace vdm::metrics::report_prometheus_test
