#include "metrics-service/pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <deque>
#include <utility>

#include "metrics-service/log/local_log.h"
#include "tests/fakes/manual_clock.h"
#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::pipeline_test {
namespace {

using namespace scenario;
using namespace std::chrono_literals;

/// A store that commits when the test says, and refuses when told to.
class FakeStore final : public HistoryStore {
 public:
  std::vector<StoredWatermark> watermarks(const Checkpoint*) override {
    std::vector<StoredWatermark> marks;
    for (const LogBatch& batch : kept) {
      if (batch.watermark > 0) marks.push_back({batch.instance_id, batch.proxy, batch.watermark});
    }
    return marks;
  }
  void restore(const Checkpoint*, RestoreSink into) override {
    for (const LogBatch& batch : kept) into.rows(batch.rows);
    into.done();
  }
  AppendResult append(LogBatch batch, std::function<void()> on_committed) override {
    if (answer != AppendResult::Accepted) return answer;
    kept.push_back(batch);
    waiting.push_back(std::move(on_committed));
    return AppendResult::Accepted;
  }
  void resume(const std::string& instance_id) override { resumed.push_back(instance_id); }
  void close() override {}
  std::vector<std::string> degraded() const override { return reasons; }

  void commit() {
    for (const auto& done : std::exchange(waiting, {})) {
      if (done) done();
    }
  }
  std::vector<const LiveEvent*> rows() const {
    std::vector<const LiveEvent*> all;
    for (const auto& batch : kept) {
      for (const auto& row : batch.rows) all.push_back(row.get());
    }
    return all;
  }

  std::vector<LogBatch> kept;
  std::deque<std::function<void()>> waiting;
  std::vector<std::string> resumed;
  std::vector<std::string> reasons;
  AppendResult answer = AppendResult::Accepted;
};

class PipelineTest : public ::testing::Test {
 protected:
  PipelineTest() {
    pipeline_.on_change([this] { ++changes_; });
  }
  bool report(std::uint64_t first_seq, const std::vector<Event>& events) {
    return pipeline_.report(Proxy, first_seq, events,
                            [this](std::uint64_t seq) { acknowledged_.push_back(seq); });
  }

  ManualClock clock_;
  Tracker tracker_{TrackerOptions{}};
  FakeStore log_;
  LocalLog order_{{.block = {.epoch = "e"}}, clock_};
  Pipeline pipeline_{tracker_, order_, log_, clock_};
  std::vector<std::uint64_t> acknowledged_;
  int changes_ = 0;
};

TEST_F(PipelineTest, AcknowledgesOnlyWhatIsCommitted) {
  pipeline_.hello(hello());
  report(1, {started("a"), ended("a")});
  EXPECT_EQ(tracker_.counts().ended, 1u) << "live at once";
  EXPECT_TRUE(acknowledged_.empty());
  EXPECT_EQ(pipeline_.hello(hello()).last_committed_seq, 0u);

  log_.commit();

  EXPECT_EQ(acknowledged_, std::vector<std::uint64_t>{2});
  EXPECT_EQ(pipeline_.hello(hello()).last_committed_seq, 2u);
}

TEST_F(PipelineTest, KeepsEndsGapsAndLossesAndNothingElse) {
  pipeline_.hello(hello());
  report(1, {started("a"), progress("a", 100, 1), ended("b"),
             Gap{.from_seq = 4, .to_seq = 8, .ended_count = 1}, started("c")});
  pipeline_.tick();
  for (int i = 0; i < 24; ++i) {
    clock_.advance(250ms);
    pipeline_.tick();
  }

  const auto rows = log_.rows();
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0]->seq, 3u);
  EXPECT_TRUE(std::holds_alternative<Ended>(rows[0]->kind));
  EXPECT_TRUE(std::holds_alternative<Gap>(rows[1]->kind));
  EXPECT_TRUE(std::holds_alternative<Lost>(rows[2]->kind));
  EXPECT_TRUE(std::holds_alternative<Lost>(rows[3]->kind));
  EXPECT_EQ(*rows[2]->proxy, "proxy-1");
  EXPECT_EQ(log_.kept[0].watermark, 9u);
}

TEST_F(PipelineTest, HandsARepeatedBatchToTheLogAgain) {
  pipeline_.hello(hello());
  log_.answer = AppendResult::NotNow;
  EXPECT_TRUE(report(1, {ended("a")})) << "live goes on";
  log_.answer = AppendResult::Resend;
  EXPECT_FALSE(report(2, {ended("b")})) << "the proxy shall send again";

  log_.answer = AppendResult::Accepted;
  pipeline_.hello(hello());
  report(1, {ended("a"), ended("b")});
  log_.commit();

  EXPECT_EQ(log_.rows().size(), 2u);
  EXPECT_EQ(acknowledged_, std::vector<std::uint64_t>{2});
  EXPECT_EQ(tracker_.counts().ended, 2u) << "counted once all the same";
  EXPECT_EQ(log_.resumed, (std::vector<std::string>{Proxy, Proxy}));
}

TEST_F(PipelineTest, RestoresWhatALogHasKept) {
  pipeline_.hello(hello());
  report(1, {started("x"), ended("a"), ended("b", Outcome::Timeout)});
  log_.commit();

  Tracker later{TrackerOptions{}};
  LocalLog order({.block = {.epoch = "e", .first = 100}}, clock_);
  Pipeline again(later, order, log_, clock_);
  std::uint64_t rows = 0;
  again.restore({.block = {.epoch = "e", .first = 100}}, [&](std::uint64_t all) { rows = all; });
  EXPECT_EQ(rows, 2u);

  EXPECT_EQ(later.counts(), (Counts{.started = 2, .ended = 2, .lost = 0, .active = 0}));
  EXPECT_EQ(again.hello(hello(Proxy, 0)).last_committed_seq, 3u);
  again.active_snapshot(Proxy, 3, {{.request_id = "x", .facts = facts("x"), .progress = {}}});
  EXPECT_EQ(later.counts(), (Counts{.started = 3, .ended = 2, .lost = 0, .active = 1}));
  EXPECT_EQ(later.proxies().at(0).undeclared_gaps, 0u);
}

TEST_F(PipelineTest, TellsWhyHistoryIsNotKept) {
  log_.reasons = {"the disk is full"};

  pipeline_.tick();

  EXPECT_EQ(tracker_.degraded(), log_.reasons);
  log_.reasons.clear();
  pipeline_.tick();
  EXPECT_TRUE(tracker_.degraded().empty());
}

TEST_F(PipelineTest, KeepsTheSecretsHashBeforeAnyEventAndWithEachBatch) {
  ProxyHello said = hello();
  said.secret = InstanceSecret::of("own");
  pipeline_.hello(said);
  report(1, {ended("a")});

  ASSERT_EQ(log_.kept.size(), 2u);
  for (const LogBatch& batch : log_.kept) {
    EXPECT_EQ(batch.instance_id, Proxy);
    EXPECT_EQ(batch.secret.hash, sha256("own"));
  }
  EXPECT_EQ(log_.kept[0].watermark, 0u);
}

TEST_F(PipelineTest, DoesNothingForAHelloOfAnotherProcess) {
  ProxyHello said = hello();
  said.secret = InstanceSecret::of("own");
  pipeline_.hello(said);
  const auto before = std::pair(log_.kept.size(), log_.resumed.size());
  changes_ = 0;

  said.secret = InstanceSecret::of("other");
  EXPECT_TRUE(pipeline_.hello(said).is_of_another);

  EXPECT_EQ(std::pair(log_.kept.size(), log_.resumed.size()), before);
  EXPECT_EQ(changes_, 0);
}

TEST_F(PipelineTest, WakesItsListenersOncePerCall) {
  pipeline_.hello(hello());
  report(1, {started("a"), started("b"), started("c")});

  EXPECT_EQ(changes_, 2);
}

}  // namespace
}  // namespace vdm::metrics::pipeline_test
