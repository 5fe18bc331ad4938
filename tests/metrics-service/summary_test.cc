#include "metrics-service/summary.h"

#include <gtest/gtest.h>

#include "tests/metrics-service/config/extremes.h"
#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::summary_test {
namespace {

using namespace scenario;

/// What is logged while `work` runs.
template <class Work>
std::string logged(Work work) {
  testing::internal::CaptureStderr();
  work();
  return testing::internal::GetCapturedStderr();
}

TEST(Summary, SaysWhatItIsOfEverySoManyCompletions) {
  Tracker tracker({});
  Summary summary(tracker, 3);
  const std::string early = logged([&] {
    tracker.apply(Proxy, 1, {ended("a"), ended("b")}, at(0));
    summary.changed();
  });
  EXPECT_EQ(early, "");

  const std::string line = logged([&] {
    tracker.apply(Proxy, 3, {ended("c", Outcome::Timeout)}, at(0));
    summary.changed();
    summary.changed();
  });

  for (const char* part : {"summary of=\"all since history begins\"", "completed=3", "errors=1",
                           "average_ms=1500", "input_tokens=30", "output_tokens=60",
                           "models=\"p:m: 3\"", "summary errors", "by_type=\"timeout: 1\""}) {
    EXPECT_NE(line.find(part), std::string::npos) << part << " in " << line;
  }
  EXPECT_EQ(line.find("completed=3"), line.rfind("completed=3")) << "once";
}

TEST(Summary, CountsFromWhereHistoryEnds) {
  Tracker tracker({});
  tracker.apply(Proxy, 1, {ended("a"), ended("b")}, at(0));
  Summary summary(tracker, 2);
  summary.begin();

  EXPECT_EQ(logged([&] {
              tracker.apply(Proxy, 3, {ended("c")}, at(0));
              summary.changed();
            }),
            "");
}

TEST(Summary, BearsEveryIntervalThatTheSettingMayBe) {
  for (const std::int64_t interval : extremes_of("LOG_SUMMARY_INTERVAL")) {
    Tracker tracker({});
    Summary summary(tracker, static_cast<std::uint64_t>(interval));

    EXPECT_EQ(logged([&] {
                tracker.apply(Proxy, 1, {ended("a")}, at(0));
                summary.changed();
              }),
              "")
        << interval;
  }
}

TEST(Summary, IsSilentWhenSwitchedOff) {
  Tracker tracker({});
  Summary summary(tracker, 0);

  EXPECT_EQ(logged([&] {
              tracker.apply(Proxy, 1, {ended("a"), ended("b")}, at(0));
              summary.changed();
            }),
            "");
}

}  // namespace
}  // namespace vdm::metrics::summary_test
