#include "metrics-service/serve/live/text_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <list>

#include "tests/metrics-service/serve/served_api.h"

namespace vdm::metrics::text_thread_test {
namespace {

using namespace scenario;

constexpr std::uint64_t Running = 100;

std::string id_of(std::uint64_t i) { return "r" + std::to_string(i); }

/// Much runs, and the thread that writes texts is held up.
class TextThreadTest : public ::testing::Test {
 protected:
  TextThreadTest() {
    std::vector<Event> events;
    for (std::uint64_t i = 0; i < Running; ++i) events.push_back(started(id_of(i)));
    served_.report(1, events);
    std::promise<void> held;
    served_.owner([&] {
      first_ = served_.texts().make([&held, go_on = go_on_.get_future().share()] {
        held.set_value();
        go_on.wait();
        return std::string();
      });
    });
    held.get_future().wait();
  }
  ~TextThreadTest() override {
    served_.owner([this] { first_.reset(); });
    served_.stop();
  }

  std::uint64_t visited() {
    return served_.owner([this] { return served_.tracker().rows_visited(); });
  }

  ServedApi served_;
  std::promise<void> go_on_;
  std::shared_ptr<PendingText> first_;
};

TEST_F(TextThreadTest, HoldsUpNeitherHealthNorReportsWhileRowsAreWritten) {
  http::Client asking = served_.client();
  asking.send(http::get("/metrics/active-requests"));
  FeedReader dashboard(served_, "/metrics/stream");
  FeedReader rows(served_, "/metrics/active-requests/stream");

  served_.report(Running + 1, {progress("r0", 10, 1)});
  EXPECT_EQ(served_.get("/health").result_int(), 200u);

  go_on_.set_value();
  EXPECT_NE(asking.answer().body().find("\"r0\""), std::string::npos);
  EXPECT_EQ(dashboard.next().name, "snapshot");
  EXPECT_EQ(rows.next().name, "update");
}

TEST_F(TextThreadTest, TakesTheRowsOnceForAllWhoWaitForThem) {
  const std::uint64_t before = visited();
  std::list<http::Client> asking;
  for (int i = 0; i < 10; ++i) {
    asking.emplace_back(served_.port()).send(http::get("/metrics/active-requests"));
    served_.get("/health");  // so that the owner has taken the one before
  }
  EXPECT_EQ(visited(), before) << "nothing is taken before its turn";

  go_on_.set_value();
  for (http::Client& client : asking) EXPECT_EQ(client.answer().result_int(), 200u);

  EXPECT_LE(visited() - before, 2 * Running) << "one that is made, and one that waits";
}

TEST_F(TextThreadTest, ShowsWhatWasReportedBeforeTheQuestion) {
  http::Client early = served_.client();
  early.send(http::get("/metrics/active-requests"));
  served_.get("/health");
  served_.report(Running + 1, {started("late")});

  http::Client asking = served_.client();
  asking.send(http::get("/metrics/active-requests"));
  served_.get("/health");
  go_on_.set_value();

  EXPECT_NE(asking.answer().body().find("\"late\""), std::string::npos);
}

TEST_F(TextThreadTest, LeavesOutWhatNobodyWaitsForAnyMore) {
  bool is_taken = false;
  served_.owner([&] {
    served_.texts().make_later([&is_taken]() -> TextThread::Write {
      is_taken = true;
      return [] { return std::string(); };
    });
  });

  go_on_.set_value();
  EXPECT_EQ(served_.get("/metrics/active-requests").result_int(), 200u);

  EXPECT_FALSE(served_.owner([&] { return is_taken; }));
}

}  // namespace
}  // namespace vdm::metrics::text_thread_test
