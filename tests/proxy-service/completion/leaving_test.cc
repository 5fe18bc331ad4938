#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "tests/fakes/fake_name.h"
#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::leaving_test {
namespace {

using fakes::chunk;
using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::stream_head;
using fakes::whole_answer;
using std::chrono::milliseconds;

/// Runs until the provider has seen its side closed, or for ten seconds.
class ClientGone : public ::testing::Test {
 protected:
  bool closed_in_time() {
    return closed_.get_future().wait_for(milliseconds(2000)) == std::future_status::ready;
  }
  std::promise<void> asked_;
  std::promise<void> closed_;
};

TEST_F(ClientGone, WhileTheProviderIsSilentClosesTheProvider) {
  FakeUpstream upstream([this](Peer& peer, int) {
    peer.read_message();
    asked_.set_value();
    if (peer.sees_close_within(10'000)) closed_.set_value();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();
  client.send(post("/v1/messages", AnthropicRequest));
  asked_.get_future().wait();

  client.close();

  EXPECT_TRUE(closed_in_time());
  const auto ended = gateway.sink.wait_for<Ended>(1);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::ClientCancelled);
  EXPECT_EQ(ended[0].http_status, 499u);
}

TEST_F(ClientGone, WhileStreamingClosesTheProviderAndCountsWhatWasUsed) {
  FakeUpstream upstream([this](Peer& peer, int) {
    peer.read_message();
    peer.send(stream_head() + chunk(FirstEvent));
    if (peer.sees_close_within(10'000)) closed_.set_value();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();
  client.send(post("/v1/messages", StreamAsk));
  client.read_some();

  client.close();

  EXPECT_TRUE(closed_in_time());
  const auto ended = gateway.sink.wait_for<Ended>(1);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::ClientCancelled);
  EXPECT_GT(ended[0].usage.output_tokens, 0u);
  EXPECT_TRUE(ended[0].usage.output_estimated);
}

TEST_F(ClientGone, BehindMoreThanIsReadAheadClosesTheProvider) {
  FakeUpstream upstream([this](Peer& peer, int) {
    peer.read_message();
    asked_.set_value();
    if (peer.sees_close_within(10'000)) closed_.set_value();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();
  client.send(post("/v1/messages", AnthropicRequest));
  asked_.get_future().wait();
  client.send(std::string(20'000, 'G'));

  client.close();

  EXPECT_TRUE(closed_in_time());
}

TEST_F(ClientGone, WhileItDoesNotReadClosesTheProvider) {
  FakeUpstream upstream([this](Peer& peer, int) {
    peer.read_message();
    peer.send(stream_head());
    const std::string event = "data: {\"x\":\"" + std::string(60'000, 'x') + "\"}\n\n";
    while (peer.send(chunk(event))) {
    }
    closed_.set_value();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client(4096);
  client.send(post("/v1/messages", StreamAsk));
  client.read_some();

  client.reset();

  EXPECT_TRUE(closed_in_time());
  EXPECT_EQ(gateway.sink.wait_for<Ended>(1).size(), 1u);
}

TEST_F(ClientGone, BeforeItsBodyIsCompleteIsNotARequest) {
  FakeUpstream upstream([](Peer&, int) {});
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();
  const std::string request = post("/v1/messages", AnthropicRequest);

  client.send(request.substr(0, request.size() - 5));
  client.close();
  auto other = gateway.client();
  other.send(get("/health/ready"));

  EXPECT_EQ(other.read_message().status(), 200);
  EXPECT_EQ(gateway.sink.all<Started>().size(), 0u);
  EXPECT_EQ(upstream.connections(), 0);
}

TEST_F(ClientGone, ThatNeverReadsIsClosedAfterItsTime) {
  FakeUpstream upstream([this](Peer& peer, int) {
    peer.read_message();
    peer.send(stream_head());
    const std::string event = "data: {\"x\":\"" + std::string(60'000, 'x') + "\"}\n\n";
    while (peer.send(chunk(event))) {
    }
    closed_.set_value();
  });
  RunningGateway gateway(upstream.port());
  gateway.config.timeouts.client_write = milliseconds(300);
  auto client = gateway.start().client(4096);

  client.send(post("/v1/messages", StreamAsk));

  EXPECT_TRUE(closed_in_time());
  const auto ended = gateway.sink.wait_for<Ended>(1);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::ClientCancelled);
}

// The operator, and the end of the process.

TEST(Cancel, ByTheOperatorEndsAStreamWithAnErrorEvent) {
  std::promise<void> closed;
  FakeUpstream upstream([&closed](Peer& peer, int) {
    peer.read_message();
    peer.send(stream_head() + chunk(FirstEvent));
    if (peer.sees_close_within(10'000)) closed.set_value();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();
  client.send(post("/v1/messages", StreamAsk));
  const auto started = gateway.sink.wait_for<Started>(1);
  ASSERT_EQ(started.size(), 1u);
  gateway.sink.wait_for<Progressed>(1);

  gateway.gateway().cancel(started[0].facts->request_id);
  const Message answer = client.read_message();

  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.body.starts_with(FirstEvent));
  EXPECT_NE(answer.body.find("event: error"), std::string::npos);
  EXPECT_EQ(closed.get_future().wait_for(milliseconds(2000)), std::future_status::ready);
  const auto ended = gateway.sink.wait_for<Ended>(1);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::CancelledByOperator);
}

TEST(Cancel, ByTheOperatorBeforeTheAnswerIsSaidWithAStatus) {
  FakeUpstream upstream([](Peer& peer, int) { peer.sees_close_within(10'000); });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();
  client.send(post("/v1/messages", AnthropicRequest));
  const auto started = gateway.sink.wait_for<Started>(1);
  ASSERT_EQ(started.size(), 1u);

  gateway.gateway().cancel(started[0].facts->request_id);
  const Message answer = client.read_message();

  EXPECT_GE(answer.status(), 500);
  const auto ended = gateway.sink.wait_for<Ended>(1);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::CancelledByOperator);
}

TEST(Drain, LetsARunningExchangeFinishAndClosesIdleConnections) {
  std::promise<void> asked;
  std::promise<void> go_on;
  FakeUpstream upstream([&](Peer& peer, int) {
    peer.read_message();
    asked.set_value();
    go_on.get_future().wait();
    peer.send(whole_answer(200, AnthropicAnswer));
  });
  RunningGateway gateway(upstream.port());
  // So that who sees the idle one close knows that the busy one's thread drains.
  auto busy = gateway.on_one_thread().start().client();
  auto idle = gateway.client();
  idle.send(get("/health/ready"));
  idle.read_message();
  busy.send(post("/v1/messages", AnthropicRequest));
  asked.get_future().wait();

  gateway.gateway().drain();
  EXPECT_TRUE(idle.sees_close_within(2000));
  EXPECT_FALSE(gateway.gateway().done());
  go_on.set_value();
  const Message answer = busy.read_message();

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_EQ(answer.body, AnthropicAnswer);
}

TEST(Drain, IsDoneThoughTheSystemStillLooksUpAName) {
  fakes::FakeName name("slow.invalid");
  name.hold();
  RunningGateway gateway(1);
  for (Provider& each : gateway.config.providers) each.doors.front().base_url.host = name.text();
  auto client = gateway.on_one_thread().start().client();
  client.send(post("/v1/messages", AnthropicRequest));
  name.wait_until_asked();

  gateway.gateway().drain();
  gateway.gateway().end_all();

  EXPECT_EQ(gateway.sink.wait_for<Ended>(1).size(), 1u);
  EXPECT_TRUE(client.sees_close_within(2000));
  gateway.stop();
  EXPECT_EQ(name.asked(), 1);
}

TEST(Drain, AnswersWholeOrNotAtAllWhileClientsKeepComing) {
  RunningGateway gateway(1);
  gateway.start();
  std::atomic<int> answered{0};
  std::atomic<int> cut{0};
  const auto keep_coming = [&] {
    for (;;) {
      Peer client = gateway.client();
      if (client.descriptor() < 0) return;  // nobody listens any more
      client.send(get("/health/ready"));
      const Message answer = client.read_message();
      if (answer.complete) ++answered;
      if (!answer.complete && !answer.head.empty()) ++cut;
    }
  };
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) clients.emplace_back(keep_coming);
  while (answered < 100) std::this_thread::yield();

  gateway.gateway().drain();
  for (std::thread& client : clients) client.join();

  EXPECT_EQ(cut, 0);
}

TEST(Drain, ASecondSignalReportsEveryOpenRequestOnce) {
  FakeUpstream upstream([](Peer& peer, int connection) {
    peer.read_message();
    if (connection % 2 == 0) peer.send(stream_head() + chunk(FirstEvent));
    peer.sees_close_within(10'000);
  });
  RunningGateway gateway(upstream.port());
  gateway.start();
  std::vector<Peer> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(gateway.client());
    clients.back().send(post("/v1/messages", StreamAsk));
  }
  ASSERT_EQ(gateway.sink.wait_for<Started>(20).size(), 20u);

  gateway.gateway().drain();
  gateway.gateway().end_all();
  const auto ended = gateway.sink.wait_for<Ended>(20);

  ASSERT_EQ(ended.size(), 20u);
  for (const Ended& end : ended) EXPECT_EQ(end.outcome, Outcome::GatewayShutdown);
}

}  // namespace
}  // namespace vdm::proxy::leaving_test
