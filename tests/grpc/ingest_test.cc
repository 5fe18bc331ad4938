#include "metrics-service/ingest/ingest_server.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/grpc/metrics_rig.h"
#include "tests/grpc/raw_proxy.h"

namespace vdm::metrics::ingest_test {
namespace {

struct Refusal {
  std::string why;
  std::vector<v1::ReportRequest> said;
};

TEST(Ingest, RefusesAnotherProtocolByItsOwnStatus) {
  HoldingLog log;
  MetricsRig rig(log);
  RawProxy proxy(rig.ingest_address());

  proxy.say(changed(hello(), [](auto& r) { r.mutable_hello()->set_protocol(2); }));
  const grpc::Status status = proxy.end();

  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "hello.protocol: expected 1, got 2");
}

TEST(Ingest, RefusesWhatIsWrongAndNamesTheField) {
  HoldingLog log;
  MetricsRig rig(log, {.address = "127.0.0.1:0", .snapshot_entries_max = 2});
  const std::vector<Refusal> refusals{
      {"message: expected hello first", {batch(1, {"a"})}},
      {"message: expected hello, batch, heartbeat, active_snapshot or goodbye",
       {v1::ReportRequest()}},
      {"hello.instance_id: expected 1..128 visible ASCII characters", {hello("")}},
      {"hello.secret: expected at most 256 visible ASCII characters",
       {hello("a", std::string(257, 's'))}},
      {"hello.secret: expected at most 256 visible ASCII characters", {hello("a", "s s")}},
      {"hello: expected once, at the start of the stream", {hello(), hello()}},
      {"batch.first_seq: expected 1..2^53 - 1", {hello(), batch(0, {"a"})}},
      {"batch.events: expected 1..512 entries", {hello(), batch(1, {})}},
      {"batch.events: expected 1..512 entries",
       {hello(), batch(1, std::vector<std::string>(513, "a"))}},
      {"batch.events[1].started.facts.request_id: expected 1..128 visible ASCII characters",
       {hello(), batch(1, {"a", std::string(200, 'x')})}},
      {"active_snapshot.requests: expected at most 2 in all parts",
       {hello(), changed(v1::ReportRequest(),
                         [](auto& r) {
                           for (int i = 0; i < 3; ++i) {
                             r.mutable_active_snapshot()->add_requests()->set_request_id("a");
                           }
                         })}},
      {"active_snapshot.requests.facts.request_id: expected request_id",
       {hello(), changed(v1::ReportRequest(),
                         [](auto& r) {
                           auto& entry = *r.mutable_active_snapshot()->add_requests();
                           entry.set_request_id("a");
                           entry.mutable_facts()->set_request_id("b");
                         })}},
      {"heartbeat.as_of_seq: expected at most 2^53 - 1",
       {hello(), changed(v1::ReportRequest(),
                         [](auto& r) { r.mutable_heartbeat()->set_as_of_seq(~0ull); })}},
  };
  for (const Refusal& refusal : refusals) {
    RawProxy proxy(rig.ingest_address());

    for (const auto& request : refusal.said) proxy.say(request);
    const grpc::Status status = proxy.end();

    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << refusal.why;
    EXPECT_EQ(status.error_message(), refusal.why);
  }
  EXPECT_EQ(rig.counts(), Counts{});
}

TEST(Ingest, RefusesAMessageAboveItsCap) {
  HoldingLog log;
  MetricsRig rig(log);
  RawProxy proxy(rig.ingest_address());
  proxy.say(hello());

  proxy.say(changed(hello(), [](auto& r) {
    r.mutable_hello()->set_proxy_name(std::string(5 * 1024 * 1024, 'x'));
  }));

  EXPECT_FALSE(proxy.end().ok());
}

TEST(Ingest, ReplacesAnOlderStreamOfTheSameInstance) {
  HoldingLog log;
  MetricsRig rig(log);
  RawProxy older(rig.ingest_address());
  older.say(hello());
  older.hear();
  RawProxy newer(rig.ingest_address());
  newer.say(hello());
  newer.hear();

  EXPECT_EQ(older.end().error_code(), grpc::StatusCode::ABORTED);

  newer.say(batch(1, {"a"}));
  EXPECT_EQ(newer.hear().ack().committed_seq(), 1u);
  const auto proxies = rig.on_owner([&] { return rig.tracker.proxies(); });
  ASSERT_EQ(proxies.size(), 1u);
  EXPECT_EQ(proxies[0].state, ProxyState::Connected);
}

TEST(Ingest, CountsABatchSentTwiceOnce) {
  HoldingLog log;
  MetricsRig rig(log);
  RawProxy proxy(rig.ingest_address());
  proxy.say(hello());
  proxy.hear();

  proxy.say(batch(1, {"a", "b"}));
  proxy.say(batch(1, {"a", "b"}));
  proxy.say(batch(3, {"c"}));
  while (proxy.hear().ack().committed_seq() < 3) {
  }

  EXPECT_EQ(rig.counts().started, 3u);
}

TEST(Ingest, RefusesAJumpThatNoGapDeclaresAndStaysAsItWas) {
  HoldingLog log;
  MetricsRig rig(log);
  const auto welcomed = [&](std::uint64_t oldest_unacked) {
    auto proxy = std::make_unique<RawProxy>(rig.ingest_address());
    proxy->say(changed(
        hello(), [&](auto& r) { r.mutable_hello()->set_oldest_unacked_seq(oldest_unacked); }));
    proxy->hear();
    return proxy;
  };
  auto proxy = welcomed(1);
  proxy->say(batch(1, {"a", "b"}));
  ASSERT_EQ(proxy->hear().ack().committed_seq(), 2u);
  const Counts before = rig.counts();

  proxy->say(batch(1'000'000'000, {"c"}));
  const grpc::Status status = proxy->end();

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "batch.first_seq: expected at most 3, got 1000000000");
  EXPECT_EQ(rig.counts(), before);
  EXPECT_EQ(rig.on_owner([&] { return rig.tracker.proxies().at(0).undeclared_gaps; }), 0u);
  proxy = welcomed(3);
  proxy->say(batch(3, {"c"}));
  EXPECT_EQ(proxy->hear().ack().committed_seq(), 3u) << "it goes on where it was";
}

TEST(Ingest, TakesAJumpThatAGapOrTheHelloDeclares) {
  HoldingLog log;
  MetricsRig rig(log);
  const auto gap = [](std::uint64_t from, std::uint64_t to) {
    v1::ReportRequest request;
    request.mutable_batch()->set_first_seq(from);
    auto& declared = *request.mutable_batch()->add_events()->mutable_gap();
    declared.set_from_seq(from);
    declared.set_to_seq(to);
    return request;
  };
  {
    RawProxy proxy(rig.ingest_address());
    proxy.say(changed(hello(), [](auto& r) { r.mutable_hello()->set_oldest_unacked_seq(1); }));
    proxy.hear();
    proxy.say(gap(1, 999));
    ASSERT_EQ(proxy.hear().ack().committed_seq(), 999u);
    proxy.say(batch(1000, {"a"}));
    ASSERT_EQ(proxy.hear().ack().committed_seq(), 1000u);
  }

  // Another service, whose history is not ours, has what is between.
  RawProxy proxy(rig.ingest_address());
  proxy.say(changed(hello(), [](auto& r) { r.mutable_hello()->set_oldest_unacked_seq(5000); }));
  proxy.hear();
  proxy.say(batch(5000, {"b"}));

  EXPECT_EQ(proxy.hear().ack().committed_seq(), 5000u);
  EXPECT_EQ(rig.on_owner([&] { return rig.tracker.proxies().at(0).undeclared_gaps; }), 3999u);
}

TEST(Ingest, SaysHowManyNumbersOfAProxyCannotBeAndCountsItsRequests) {
  HoldingLog log;
  MetricsRig rig(log);
  RawProxy proxy(rig.ingest_address());
  proxy.say(hello());
  proxy.hear();
  v1::ReportRequest ended;
  ended.mutable_batch()->set_first_seq(1);
  auto& end = *ended.mutable_batch()->add_events()->mutable_ended();
  end.mutable_facts()->set_request_id("a");
  end.set_outcome(v1::OUTCOME_OK);
  end.mutable_usage()->set_input_tokens(7);
  end.mutable_usage()->set_output_tokens(1'000'000'000'000'000);
  end.set_duration_us(~0ull);

  proxy.say(ended);
  ASSERT_EQ(proxy.hear().ack().committed_seq(), 1u);

  const bool told =
      rig.wait_until([&] { return rig.tracker.proxies().at(0).implausible_numbers == 2; });
  EXPECT_TRUE(told);
  const Counters total =
      rig.on_owner([&] { return rig.tracker.totals().summary().counters.total; });
  EXPECT_EQ(total.requests, 1u);
  EXPECT_EQ(total.input_tokens, 7u);
  EXPECT_EQ(total.output_tokens, 0u);
}

TEST(Ingest, AsksForASnapshotWhenItsViewDiffers) {
  HoldingLog log;
  MetricsRig rig(log);
  RawProxy proxy(rig.ingest_address());
  proxy.say(hello());
  proxy.hear();
  proxy.say(batch(1, {"a"}));
  proxy.hear();

  proxy.say(changed(v1::ReportRequest(), [](auto& r) {
    r.mutable_heartbeat()->set_as_of_seq(1);
    r.mutable_heartbeat()->set_active_count(5);
  }));

  EXPECT_TRUE(proxy.hear().command().has_send_active_snapshot());
}

TEST(Ingest, TellsAProxyThatComesBackWhatWasCommitted) {
  HoldingLog log;
  MetricsRig rig(log);
  {
    RawProxy proxy(rig.ingest_address());
    proxy.say(hello());
    proxy.hear();
    proxy.say(batch(1, {"a", "b"}));
    proxy.hear();
  }
  RawProxy again(rig.ingest_address());
  again.say(hello());

  EXPECT_EQ(again.hear().welcome().last_committed_seq(), 2u);
}

}  // namespace
}  // namespace vdm::metrics::ingest_test
