#include <gtest/gtest.h>

#include <vector>

#include "proxy-service/worker/overload.h"
#include "proxy-service/worker/rejection_limit.h"
#include "tests/fakes/manual_clock.h"
#include "tests/proxy-service/serve/running_gateway.h"
#include "tests/proxy-service/worker/control_group.h"

// A gateway that has too much to do, and connections beyond its limits.

namespace vdm::proxy::overload_serve_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;

class OverloadServeTest : public ::testing::Test {
 protected:
  /// A request that its provider does not answer until the test ends.
  Peer hold_one() {
    Peer client = gateway_.client();
    client.send(post("/v1/messages", AnthropicRequest));
    EXPECT_EQ(gateway_.sink.wait_for<Started>(1).size(), 1u);
    return client;
  }

  FakeUpstream upstream_{[](Peer& peer, int) {
    peer.read_message();
    peer.read_to_end();
  }};
  RunningGateway gateway_{upstream_.port()};
};

TEST_F(OverloadServeTest, RefusesTheRequestBeyondTheLimitAndServesTheConnectionOn) {
  gateway_.config.overload.requests_max = 1;
  gateway_.start();
  const Peer held = hold_one();
  auto client = gateway_.client();

  for (int i = 0; i < 2; ++i) {
    client.send(post("/v1/chat/completions", OpenAiRequest));
    const Message answer = client.read_message();
    EXPECT_EQ(answer.status(), 503);
    EXPECT_EQ(answer.field("retry-after"), "1");
    EXPECT_EQ(answer.field("connection"), std::nullopt);
    EXPECT_NE(answer.body.find("VDM_REQUESTS_MAX"), std::string::npos);
  }
  client.send(get("/health/ready"));
  EXPECT_EQ(client.read_message().status(), 200);

  const std::vector<Ended> ended = gateway_.sink.wait_for<Ended>(2);
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[0].outcome, Outcome::Rejected);
  EXPECT_EQ(ended[0].error_type, "overloaded");
}

TEST_F(OverloadServeTest, PassesOnTheHeadOfTheRequestItServesAndOfNoneItRefused) {
  ManualClock clock;  // it stands still: of one second's refusals, few are recorded
  std::vector<Message> asked;
  FakeUpstream answering([&asked](Peer& peer, int connection) {
    if (connection == 0) return static_cast<void>(peer.read_to_end());  // the request that is held
    asked.push_back(peer.read_message());
    peer.send(whole_answer(200, AnthropicAnswer));
  });
  RunningGateway gateway(answering.port());
  gateway.clock = &clock;
  gateway.config.overload.requests_max = 1;
  auto held = gateway.start().client();
  held.send(post("/v1/messages", AnthropicRequest));
  EXPECT_EQ(gateway.sink.wait_for<Started>(1).size(), 1u);
  auto client = gateway.client();
  const auto ask = [&client](std::string_view field) {
    client.send(post("/v1/messages", AnthropicRequest, field));
    return client.read_message().status();
  };
  for (std::size_t i = 0; i < RejectionLimit::PerPeer; ++i) EXPECT_EQ(ask("x-a: 1\r\n"), 503);
  EXPECT_EQ(ask("x-a: 2\r\n"), 503);

  held.close();
  EXPECT_EQ(gateway.sink.wait_for<Ended>(RejectionLimit::PerPeer + 1).size(),
            RejectionLimit::PerPeer + 1);

  int status = 503;
  while (status == 503) status = ask("x-a: 2\r\n");  // until the place is given back
  EXPECT_EQ(status, 200);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].field("x-a"), "2");
}

TEST_F(OverloadServeTest, ClosesTheConnectionOfARefusedRequestWhoseBodyIsStillToCome) {
  gateway_.config.overload.requests_max = 1;
  gateway_.start();
  const Peer held = hold_one();
  auto client = gateway_.client();

  client.send(
      "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
      "content-length: 1000\r\n\r\n{");
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 503);
  EXPECT_EQ(answer.field("connection"), "close");
}

TEST_F(OverloadServeTest, GivesThePlaceOfARequestThatEndsToTheNext) {
  gateway_.config.overload.requests_max = 1;
  gateway_.start();
  { Peer held = hold_one(); }
  EXPECT_EQ(gateway_.sink.wait_for<Ended>(1).size(), 1u);  // its client left
  auto client = gateway_.client();

  client.send(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(gateway_.sink.wait_for<Started>(2).size(), 2u);
}

TEST_F(OverloadServeTest, RefusesAllWhileItsMemoryIsUsedUp) {
  FakeUpstream answering(FakeUpstream::always(whole_answer(200, AnthropicAnswer)));
  const ControlGroup group;
  group.uses_percent(99);
  RunningGateway gateway(answering.port());
  gateway.memory_use = MemoryUse(group.folder());
  auto client = gateway.start().client();
  const auto ask = [&client] {
    client.send(post("/v1/messages", AnthropicRequest));
    return client.read_message();
  };
  Message answer = ask();
  while (answer.status() == 200) answer = ask();  // until it is first read
  EXPECT_EQ(answer.status(), 503);
  EXPECT_NE(answer.body.find("VDM_OVERLOAD_MEMORY_PERCENT"), std::string::npos);

  group.uses_percent(50);

  while (answer.status() == 503) answer = ask();
  EXPECT_EQ(answer.status(), 200);
}

TEST_F(OverloadServeTest, AnswersForHealthBeyondTheLimitOnConnections) {
  gateway_.config.limits.connections_max = 1;
  gateway_.start();
  auto held = gateway_.client();
  held.send(get("/health/ready"));
  EXPECT_EQ(held.read_message().status(), 200);

  auto asks = gateway_.client();
  asks.send(get("/health/ready"));
  const Message health = asks.read_message();
  auto wants = gateway_.client();
  wants.send(post("/v1/messages", AnthropicRequest));
  const Message refused = wants.read_message();

  EXPECT_EQ(health.status(), 200);
  EXPECT_EQ(health.field("connection"), "close");
  EXPECT_EQ(refused.status(), 503);
}

TEST_F(OverloadServeTest, RefusesAConnectionBeyondTheLimitThatAsksNothing) {
  gateway_.config.limits.connections_max = 1;
  gateway_.start();
  const auto held = gateway_.client();
  auto silent = gateway_.client();

  EXPECT_EQ(silent.read_message().status(), 503);
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST_F(OverloadServeTest, RefusesTheConnectionThatOneAddressHoldsTooMany) {
  gateway_.config.limits.connections_per_address_max = 1;
  gateway_.start();
  {
    auto first = gateway_.client();
    first.send(get("/health/ready"));
    EXPECT_EQ(first.read_message().status(), 200);

    const Message answer = gateway_.client().read_message();

    EXPECT_EQ(answer.status(), 503);
    EXPECT_TRUE(answer.complete);
    EXPECT_NE(answer.body.find("from this address"), std::string::npos);
  }
  for (;;) {  // until the gateway has seen the first one leave
    auto next = gateway_.client();
    next.send(get("/health/ready"));
    if (next.read_message().status() == 200) break;
  }
}

TEST_F(OverloadServeTest, TakesATrustedProxyForManyClients) {
  gateway_.config.limits.connections_per_address_max = 1;
  gateway_.config.trusted_proxies = {"127.0.0.1"};
  gateway_.start();
  auto first = gateway_.client();
  auto second = gateway_.client();

  for (auto* each : {&first, &second}) {
    each->send(get("/health/ready"));
    EXPECT_EQ(each->read_message().status(), 200);
  }
}

}  // namespace
}  // namespace vdm::proxy::overload_serve_test
