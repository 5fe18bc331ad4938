#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "proxy-service/events/grpc_reporter.h"
#include "tests/grpc/metrics_rig.h"
#include "tests/grpc/raw_proxy.h"

// Who speaks for an instance: the process that said its first Hello, and no other.

namespace vdm::metrics::ingest_identity_test {
namespace {

using namespace std::chrono_literals;

const std::string Victim = "instance-1";
const std::string Own = "secret-of-the-process";

class IngestIdentity : public ::testing::Test {
 protected:
  IngestIdentity() { serve(); }
  void serve() { rig_ = std::make_unique<MetricsRig>(log_); }

  /// How a stream with this Hello ends, or OK when it is welcomed.
  grpc::StatusCode answer_to(const v1::ReportRequest& said) {
    RawProxy proxy(rig_->ingest_address());
    proxy.say(said);
    return proxy.hear().has_welcome() ? grpc::StatusCode::OK : proxy.end().error_code();
  }
  ProxyView proxy_row() {
    return rig_->on_owner([&] { return rig_->tracker.proxies().at(0); });
  }

  HoldingLog log_;
  std::unique_ptr<MetricsRig> rig_;
};

TEST_F(IngestIdentity, IsRefusedToAnotherProcessAndTheTrueOneNoticesNothing) {
  RawProxy genuine(rig_->ingest_address());
  genuine.say(hello(Victim, Own));
  genuine.hear();
  genuine.say(batch(1, {"a"}));
  ASSERT_EQ(genuine.hear().ack().committed_seq(), 1u);
  const ProxyView before = proxy_row();

  RawProxy forger(rig_->ingest_address());
  forger.say(changed(hello(Victim, "guess"), [](auto& r) {
    r.mutable_hello()->set_proxy_name("forged");
    r.mutable_hello()->set_oldest_unacked_seq(1'000'000'000);
  }));
  const grpc::Status status = forger.end();
  EXPECT_EQ(answer_to(hello(Victim)), grpc::StatusCode::PERMISSION_DENIED) << "without one";

  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(status.error_message(), "hello.secret: expected the one with which instance-1 began");
  EXPECT_EQ(proxy_row(), before);
  genuine.say(batch(2, {"b"}));
  EXPECT_EQ(genuine.hear().ack().committed_seq(), 2u);
  EXPECT_EQ(rig_->counts().active, 2u);
}

TEST_F(IngestIdentity, IsKeptByTheProcessItselfWhenItComesBack) {
  EXPECT_EQ(answer_to(hello(Victim, Own)), grpc::StatusCode::OK);
  EXPECT_EQ(answer_to(hello(Victim, Own)), grpc::StatusCode::OK);
}

TEST_F(IngestIdentity, OutlivesARestartOfTheServiceEvenBeforeTheFirstEvent) {
  EXPECT_EQ(answer_to(hello(Victim, Own)), grpc::StatusCode::OK);

  rig_.reset();
  serve();

  EXPECT_EQ(answer_to(hello(Victim, "guess")), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(answer_to(hello(Victim)), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(answer_to(hello(Victim, Own)), grpc::StatusCode::OK);
}

TEST_F(IngestIdentity, OfAProxyOfAnEarlierReleaseStaysWithoutASecret) {
  {
    RawProxy old(rig_->ingest_address());
    old.say(hello(Victim));
    old.hear();
    old.say(batch(1, {"a"}));
    old.hear();
  }
  EXPECT_EQ(answer_to(hello(Victim, "guess")), grpc::StatusCode::PERMISSION_DENIED);

  rig_.reset();
  serve();

  EXPECT_EQ(answer_to(hello(Victim, "guess")), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(answer_to(hello(Victim)), grpc::StatusCode::OK);
}

TEST_F(IngestIdentity, ThatAnotherHasKeepsAProxysEventsAndIsTold) {
  const std::string taken = "0123456789abcdef0123456789abcdef";
  EXPECT_EQ(answer_to(hello(taken, Own)), grpc::StatusCode::OK);
  SystemClock clock;
  proxy::EventQueue queue;
  const RequestFacts facts{.request_id = "a"};
  queue.record(Ended{.facts = std::make_shared<const RequestFacts>(facts), .outcome = Outcome::Ok});
  proxy::GrpcReporter reporter(queue,
                               {.address = rig_->ingest_address(),
                                .instance_id = taken,
                                .proxy_name = "proxy-1",
                                .version = "test",
                                .batch_interval = 5ms,
                                .reconnect_min = 1ms,
                                .reconnect_max = 10ms},
                               clock);

  EXPECT_FALSE(reporter.flush(20s));
  while (reporter.status().refusal != proxy::ReportRefusal::Instance) std::this_thread::yield();

  EXPECT_GT(reporter.status().buffered_bytes, 0u);
  EXPECT_EQ(rig_->counts(), Counts{});
}

}  // namespace
}  // namespace vdm::metrics::ingest_identity_test
