#include "proxy-service/events/spool_sender.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <stdlib.h>

#include "proxy-service/spool/spool_file.h"
#include "tests/grpc/metrics_rig.h"

namespace vdm::metrics::spool_sender_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* Instance = "0123456789abcdef0123456789abcdef";

FactsPtr facts(std::string id) {
  RequestFacts made;
  made.request_id = std::move(id);
  made.provider = "demo";
  return std::make_shared<const RequestFacts>(std::move(made));
}

proxy::ReporterOptions options_to(std::string address) {
  return {.address = std::move(address),
          .instance_id = Instance,
          .proxy_name = "proxy-1",
          .version = "test",
          .secret = Secret(std::string(64, 's')),
          .heartbeat_interval = 50ms,
          .reconnect_min = 5ms,
          .reconnect_max = 20ms};
}

/// A process of a proxy that records into a spool, until it is destroyed as if it were killed.
struct ProxyProcess {
  explicit ProxyProcess(const fs::path& folder)
      : file(std::move(proxy::SpoolFile::create(folder, 1 << 20,
                                                {.instance_id = Instance,
                                                 .secret = Secret(std::string(64, 's')),
                                                 .proxy_name = "proxy-1",
                                                 .version = "test"})
                           .value())),
        queue(std::move(file.map().value())) {}

  void start(const std::string& id) {
    const FactsPtr of_request = facts(id);
    started[id] = {queue.record(Started{of_request}), of_request};
  }
  void end(const std::string& id) {
    queue.record(Ended{.facts = started[id].second, .outcome = Outcome::Ok, .http_status = 200},
                 started[id].first);
  }

  proxy::SpoolFile file;
  proxy::EventQueue queue;
  std::map<std::string, std::pair<proxy::StartRef, FactsPtr>> started;
};

class SpoolSenderTest : public testing::Test {
 protected:
  SpoolSenderTest() {
    std::string name = fs::temp_directory_path() / "vdm-sender-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~SpoolSenderTest() override { fs::remove_all(folder_); }

  std::unique_ptr<ProxyProcess> process() { return std::make_unique<ProxyProcess>(folder_); }
  proxy::SpoolSending send(const std::string& address) {
    const MonotonicTime until = clock_.monotonic() + 20s;
    return proxy::send_spool(
        folder_ / (std::string(Instance) + ".spool"), options_to(address), clock_,
        [&](const proxy::ReporterStatus&) { return clock_.monotonic() < until; });
  }

  fs::path folder_;
  SystemClock clock_;
};

TEST_F(SpoolSenderTest, TellsAllThatAKilledProcessRecordedAndWhatItHadRunning) {
  HoldingLog log;
  MetricsRig rig(log);
  auto killed = process();
  for (const char* id : {"a", "b", "c"}) killed->start(id);
  killed->end("b");
  killed.reset();

  const proxy::SpoolSending sent = send(rig.ingest_address());

  EXPECT_EQ(sent.end, proxy::SpoolEnd::Sent);
  EXPECT_EQ(rig.counts(), (Counts{.started = 3, .ended = 1, .lost = 2, .active = 0}));
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(SpoolSenderTest, TellsNothingTwiceOfWhatItsProcessHadSent) {
  HoldingLog log;
  log.hold();
  MetricsRig rig(log);
  auto killed = process();
  {
    proxy::GrpcReporter reporter(killed->queue, options_to(rig.ingest_address()), clock_);
    for (int i = 0; i < 600; ++i) killed->start(std::to_string(i));
    for (int i = 0; i < 500; ++i) killed->end(std::to_string(i));
    ASSERT_TRUE(rig.wait_until([&] { return rig.tracker.counts().ended > 0; }));
  }
  killed.reset();
  rig.on_owner([&] { log.commit(); });

  const proxy::SpoolSending sent = send(rig.ingest_address());

  EXPECT_EQ(sent.end, proxy::SpoolEnd::Sent);
  EXPECT_EQ(rig.counts(), (Counts{.started = 600, .ended = 500, .lost = 100, .active = 0}));
  EXPECT_EQ(rig.on_owner([&] { return rig.tracker.proxies().at(0).gap_ended; }), 0u);
}

TEST_F(SpoolSenderTest, TellsAServiceThatForgotEverythingWhatRan) {
  HoldingLog log;
  auto killed = process();
  {
    MetricsRig before(log);
    proxy::GrpcReporter reporter(killed->queue, options_to(before.ingest_address()), clock_);
    killed->start("runs");
    ASSERT_TRUE(reporter.flush(20s));
  }
  killed.reset();
  MetricsRig rig(log);

  const proxy::SpoolSending sent = send(rig.ingest_address());

  EXPECT_EQ(sent.running, 1u);
  EXPECT_EQ(rig.counts(), (Counts{.started = 1, .ended = 0, .lost = 1, .active = 0}));
}

TEST_F(SpoolSenderTest, RemovesTheFileOnlyWhenTheLossesAreStored) {
  HoldingLog log;
  log.hold();
  MetricsRig rig(log);
  auto killed = process();
  killed->start("runs");
  killed.reset();
  std::thread committing([&] {
    rig.wait_until([&] { return rig.tracker.counts().active == 1; });
    EXPECT_FALSE(fs::is_empty(folder_));
    rig.on_owner([&] { log.commit(); });
  });

  const proxy::SpoolSending sent = send(rig.ingest_address());
  committing.join();

  EXPECT_EQ(sent.end, proxy::SpoolEnd::Sent);
  EXPECT_EQ(rig.counts(), (Counts{.started = 1, .ended = 0, .lost = 1, .active = 0}));
}

TEST_F(SpoolSenderTest, KeepsTheFileWhileNobodyTakesIt) {
  auto killed = process();
  killed->start("a");
  killed->end("a");
  killed.reset();
  int asked = 0;
  const proxy::SpoolSending waits =
      proxy::send_spool(proxy::SpoolFile::list(folder_).at(0), options_to("127.0.0.1:1"), clock_,
                        [&](const proxy::ReporterStatus&) { return ++asked < 3; });
  HoldingLog log;
  MetricsRig rig(log);

  const proxy::SpoolSending sent = send(rig.ingest_address());

  EXPECT_EQ(waits.end, proxy::SpoolEnd::Waits);
  EXPECT_EQ(waits.events, 2u);
  EXPECT_EQ(sent.end, proxy::SpoolEnd::Sent);
  EXPECT_EQ(rig.counts(), (Counts{.started = 1, .ended = 1, .lost = 0, .active = 0}));
}

TEST_F(SpoolSenderTest, LeavesTheFileOfALivingProcessAlone) {
  const auto living = process();
  living->start("a");

  EXPECT_EQ(send("127.0.0.1:1").end, proxy::SpoolEnd::InUse);
}

TEST_F(SpoolSenderTest, SetsAsideWhatTheServiceTakesForAnothersAndSaysWhy) {
  HoldingLog log;
  MetricsRig rig(log);
  {
    proxy::EventQueue queue;
    proxy::ReporterOptions another = options_to(rig.ingest_address());
    another.secret = Secret(std::string(64, 't'));
    proxy::GrpcReporter reporter(queue, another, clock_);
    queue.record(Ended{.facts = facts("x"), .outcome = Outcome::Ok});
    ASSERT_TRUE(reporter.flush(20s));
  }
  auto killed = process();
  killed->start("a");
  killed.reset();

  const proxy::SpoolSending sent = send(rig.ingest_address());

  EXPECT_EQ(sent.end, proxy::SpoolEnd::SetAside);
  EXPECT_TRUE(proxy::SpoolFile::list(folder_).empty());
  EXPECT_FALSE(fs::is_empty(folder_)) << "it is never deleted";
}

TEST_F(SpoolSenderTest, SendsWhatIsWholeOfADamagedFileAndDeclaresTheRest) {
  HoldingLog log;
  MetricsRig rig(log);
  auto killed = process();
  for (const char* id : {"a", "b", "c"}) {
    killed->queue.record(Ended{.facts = facts(id), .outcome = Outcome::Ok});
  }
  killed->queue.ring().prepare();  // as the reporter does at each look
  const proxy::RingMemory& memory = killed->queue.ring().memory();
  char& inside = *memory.at(proxy::scan_ring(memory).records.at(1).place + 100);
  inside = static_cast<char>(inside ^ 1);
  killed.reset();

  const proxy::SpoolSending sent = send(rig.ingest_address());

  EXPECT_EQ(sent.end, proxy::SpoolEnd::Sent);
  EXPECT_FALSE(sent.why.empty());
  EXPECT_EQ(rig.counts(), (Counts{.started = 2, .ended = 2, .lost = 0, .active = 0}));
  EXPECT_EQ(rig.on_owner([&] { return rig.tracker.proxies().at(0).gap_ended; }), 1u);
  EXPECT_TRUE(proxy::SpoolFile::list(folder_).empty());
  EXPECT_FALSE(fs::is_empty(folder_));
}

TEST_F(SpoolSenderTest, IsSentByAnyProxyOnTheFolder) {
  HoldingLog log;
  MetricsRig rig(log);
  auto killed = process();
  killed->start("a");
  killed->end("a");
  killed->start("runs");
  killed.reset();

  const proxy::SpoolSender sender(folder_, options_to(rig.ingest_address()), clock_, 10ms);

  EXPECT_TRUE(rig.wait_until([&] {
    return rig.tracker.counts() == Counts{.started = 2, .ended = 1, .lost = 1, .active = 0};
  }));
}

}  // namespace
}  // namespace vdm::metrics::spool_sender_test
