#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "proxy-service/events/grpc_reporter.h"
#include "tests/grpc/metrics_rig.h"

namespace vdm::reporting_test {
namespace {

using namespace std::chrono_literals;
using metrics::Counts;
using metrics::HoldingLog;
using metrics::MetricsRig;

FactsPtr facts(std::string id) {
  RequestFacts made;
  made.request_id = std::move(id);
  made.provider = "demo";
  made.resolved_model = "chat";
  return std::make_shared<const RequestFacts>(std::move(made));
}
Event ended(std::string id) {
  return Ended{.facts = facts(std::move(id)), .outcome = Outcome::Ok, .http_status = 200};
}

proxy::ReporterOptions options_for(std::string address) {
  return {.address = std::move(address),
          .instance_id = "0123456789abcdef0123456789abcdef",
          .proxy_name = "proxy-1",
          .version = "test",
          .heartbeat_interval = 50ms,
          .reconnect_min = 10ms,
          .reconnect_max = 50ms};
}

/// A proxy's side of the stream.
struct ProxySide {
  explicit ProxySide(proxy::ReporterOptions options) : reporter(queue, std::move(options), clock) {}

  void start(int first, int count) {
    for (int i = first; i < first + count; ++i) {
      starts[i] = queue.record(Started{facts(id(i))});
    }
  }
  void end(int first, int count) {
    for (int i = first; i < first + count; ++i) queue.record(ended(id(i)), starts[i]);
  }
  static std::string id(int number) { return "req_" + std::to_string(number); }

  SystemClock clock;
  proxy::EventQueue queue;
  std::map<int, proxy::StartRef> starts;
  proxy::GrpcReporter reporter;
};

TEST(Reporting, ShowsInTheTrackerWhatTheProxyRecorded) {
  HoldingLog log;
  MetricsRig rig(log);
  ProxySide proxy(options_for(rig.ingest_address()));

  proxy.start(0, 2000);
  proxy.end(0, 1500);
  ASSERT_TRUE(proxy.reporter.flush(20s));

  EXPECT_EQ(rig.counts(), (Counts{.started = 2000, .ended = 1500, .lost = 0, .active = 500}));
}

TEST(Reporting, IsAcknowledgedOnlyWhenTheEventsAreCommitted) {
  HoldingLog log;
  log.hold();
  MetricsRig rig(log);
  ProxySide proxy(options_for(rig.ingest_address()));

  proxy.end(0, 10);
  ASSERT_TRUE(rig.wait_until([&] { return rig.tracker.counts().ended == 10; }));
  EXPECT_EQ(proxy.reporter.status().acknowledged_seq, 0u);

  rig.on_owner([&] { log.commit(); });
  EXPECT_TRUE(proxy.reporter.flush(20s));
  EXPECT_EQ(proxy.reporter.status().acknowledged_seq, 10u);
}

TEST(Reporting, SendsAgainWhatARestartedServiceHadNotCommitted) {
  HoldingLog log;
  auto rig = std::make_unique<MetricsRig>(log);
  const std::string address = rig->ingest_address();
  ProxySide proxy(options_for(address));
  proxy.end(0, 100);
  ASSERT_TRUE(proxy.reporter.flush(20s));
  rig->on_owner([&] { log.hold(); });
  proxy.end(100, 100);
  ASSERT_TRUE(rig->wait_until([&] { return rig->tracker.counts().ended == 200; }));

  rig.reset();
  log.crash();
  log.commit();
  proxy.end(200, 100);
  rig = std::make_unique<MetricsRig>(log, metrics::IngestOptions{.address = address});

  EXPECT_TRUE(rig->wait_until([&] { return rig->tracker.counts().ended == 200; }));
  EXPECT_TRUE(proxy.reporter.flush(20s));
  EXPECT_EQ(proxy.reporter.status().acknowledged_seq, 300u);
}

TEST(Reporting, GivesARestartedServiceEveryActiveRequestBack) {
  HoldingLog log;
  auto rig = std::make_unique<MetricsRig>(log);
  const std::string address = rig->ingest_address();
  ProxySide proxy(options_for(address));
  proxy.start(0, 700);
  proxy.queue.record(Progressed{.request_id = "req_3", .response_bytes = 77}, proxy.starts[3]);
  ASSERT_TRUE(proxy.reporter.flush(20s));

  rig.reset();
  proxy.start(700, 50);
  proxy.end(0, 1);
  rig = std::make_unique<MetricsRig>(log, metrics::IngestOptions{.address = address});

  ASSERT_TRUE(rig->wait_until([&] { return rig->tracker.counts().ended == 1; }));
  EXPECT_TRUE(rig->wait_until([&] { return rig->tracker.counts().active == 749; }));
  EXPECT_EQ(rig->counts(), (Counts{.started = 750, .ended = 1, .lost = 0, .active = 749}));
  const auto row =
      rig->on_owner([&] { return rig->tracker.find_active("req_3", rig->pipeline.now()); });
  ASSERT_TRUE(row && row->progress);
  EXPECT_EQ(row->progress->response_bytes, 77u);
}

TEST(Reporting, IsNoGapForAServiceThatLostItsStore) {
  auto log = std::make_unique<HoldingLog>();
  auto rig = std::make_unique<MetricsRig>(*log);
  const std::string address = rig->ingest_address();
  ProxySide proxy(options_for(address));
  proxy.end(0, 100);
  ASSERT_TRUE(proxy.reporter.flush(20s));

  rig.reset();
  log = std::make_unique<HoldingLog>();
  rig = std::make_unique<MetricsRig>(*log, metrics::IngestOptions{.address = address});
  ASSERT_TRUE(rig->wait_until([&] { return rig->tracker.proxies().size() == 1; }));
  proxy.end(100, 10);
  ASSERT_TRUE(proxy.reporter.flush(20s));

  EXPECT_EQ(rig->counts().ended, 10u);
  EXPECT_EQ(rig->on_owner([&] { return rig->tracker.proxies().at(0).undeclared_gaps; }), 0u);
}

TEST(Reporting, LosesNothingOverManyRestarts) {
  HoldingLog log;
  auto rig = std::make_unique<MetricsRig>(log);
  const std::string address = rig->ingest_address();
  ProxySide proxy(options_for(address));

  for (int round = 0; round < 5; ++round) {
    proxy.start(round * 1000, 1000);
    proxy.end(round * 1000, 1000);
    rig.reset();
    log.crash();
    rig = std::make_unique<MetricsRig>(log, metrics::IngestOptions{.address = address});
  }
  proxy.end(9'999, 1);

  ASSERT_TRUE(rig->wait_until([&] { return rig->tracker.proxies().size() == 1; }));
  ASSERT_TRUE(proxy.reporter.flush(20s));
  EXPECT_EQ(proxy.reporter.status().acknowledged_seq, 10'001u);
  EXPECT_EQ(proxy.reporter.status().dropped, proxy::DroppedCounts{});
}

TEST(Reporting, KeepsEventsWhileThereIsNobodyToTell) {
  ProxySide proxy(options_for("127.0.0.1:1"));
  proxy.end(0, 10);

  EXPECT_FALSE(proxy.reporter.flush(20s));
  EXPECT_FALSE(proxy.reporter.status().connected);
  EXPECT_GT(proxy.reporter.status().buffered_bytes, 0u);
}

TEST(Reporting, BringsACancelToTheProxyThatRunsTheRequest) {
  HoldingLog log;
  MetricsRig rig(log);
  std::promise<std::string> cancelled;
  auto options = options_for(rig.ingest_address());
  options.cancel = [&](std::string id) { cancelled.set_value(std::move(id)); };
  ProxySide proxy(options);
  proxy.start(0, 1);
  ASSERT_TRUE(proxy.reporter.flush(20s));

  const bool sent = rig.on_owner([&] { return rig.ingest->cancel(options.instance_id, "req_0"); });

  ASSERT_TRUE(sent);
  auto got = cancelled.get_future();
  ASSERT_EQ(got.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(got.get(), "req_0");
}

TEST(Reporting, HasNoStreamToCancelOnForAProxyThatIsNotThere) {
  HoldingLog log;
  MetricsRig rig(log);

  EXPECT_FALSE(rig.on_owner([&] { return rig.ingest->cancel("nobody", "req_0"); }));
}

TEST(Reporting, GoesStaleWhenTheProxyGoes) {
  HoldingLog log;
  MetricsRig rig(log);
  auto proxy = std::make_unique<ProxySide>(options_for(rig.ingest_address()));
  proxy->start(0, 3);
  ASSERT_TRUE(proxy->reporter.flush(20s));

  proxy.reset();

  EXPECT_TRUE(rig.wait_until(
      [&] { return rig.tracker.proxies().at(0).state == metrics::ProxyState::Stale; }, 1s));
}

TEST(Reporting, GoesOnLiveWithoutAcknowledgementsWhileHistoryCannotBeKept) {
  HoldingLog log;
  log.hold();
  log.degrade();
  MetricsRig rig(log, {.address = "127.0.0.1:0", .credit_bytes = 20'000, .check_interval = 10ms});
  rig.on_owner([&] { rig.pipeline.tick(); });
  ProxySide proxy(options_for(rig.ingest_address()));

  proxy.end(0, 3000);

  EXPECT_TRUE(rig.wait_until([&] { return rig.tracker.counts().ended == 3000; }));
  EXPECT_EQ(proxy.reporter.status().acknowledged_seq, 0u);
}

TEST(Reporting, StopsAtTheCreditUntilTheServiceHasCommitted) {
  HoldingLog log;
  log.hold();
  MetricsRig rig(log, {.address = "127.0.0.1:0", .credit_bytes = 20'000, .check_interval = 10ms});
  ProxySide proxy(options_for(rig.ingest_address()));
  proxy.end(0, 3000);
  ASSERT_TRUE(rig.wait_until([&] { return rig.tracker.counts().ended > 0; }));

  const bool all_came = rig.wait_until([&] { return rig.tracker.counts().ended == 3000; }, 1s);
  rig.on_owner([&] { log.commit(); });

  EXPECT_FALSE(all_came);
  EXPECT_TRUE(proxy.reporter.flush(20s));
}

TEST(Reporting, ListsThreeProxiesInOneView) {
  HoldingLog log;
  MetricsRig rig(log);
  std::vector<std::unique_ptr<ProxySide>> proxies;
  for (int i = 0; i < 3; ++i) {
    auto options = options_for(rig.ingest_address());
    options.instance_id = "instance-" + std::to_string(i);
    proxies.push_back(std::make_unique<ProxySide>(options));
    proxies.back()->start(i * 10, 10);
  }

  EXPECT_TRUE(rig.wait_until([&] { return rig.tracker.counts().active == 30; }));
  EXPECT_EQ(rig.on_owner([&] { return rig.tracker.proxies().size(); }), 3u);
}

}  // namespace
}  // namespace vdm::reporting_test
