#include <gtest/gtest.h>

#include <future>

#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::upstream_fault_test {
namespace {

using fakes::chunk;
using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::stream_head;
using fakes::whole_answer;
using std::chrono::milliseconds;

/// A port where nobody listens.
std::uint16_t closed_port() {
  FakeUpstream gone([](Peer&, int) {});
  return gone.port();
}

void set_timeouts(RunningGateway& gateway, void (*change)(UpstreamTimeouts&)) {
  for (Provider& provider : gateway.config.providers) change(provider.timeouts);
}

TEST(UpstreamFault, ARefusedConnectionIs502InTheClientsDialect) {
  RunningGateway gateway(closed_port());
  auto client = gateway.start().client();

  client.send(post("/v1/chat/completions", OpenAiRequest));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_EQ(answer.status(), 502);
  EXPECT_TRUE(answer.body.starts_with(R"({"error":{"message":"provider 'open': cannot connect)"))
      << answer.body;
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::UpstreamError);
  EXPECT_EQ(ended[0].http_status, 502u);
  EXPECT_EQ(ended[0].error_type, "upstream_error");
}

TEST(UpstreamFault, AClosedConnectionWithoutAnAnswerIs502) {
  FakeUpstream upstream([](Peer& peer, int) {
    peer.read_message();
    peer.close();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 502);
  EXPECT_EQ(upstream.connections(), 1);
}

TEST(UpstreamFault, NoFirstByteInTimeIs504) {
  FakeUpstream upstream([](Peer& peer, int) { peer.sees_close_within(10'000); });
  RunningGateway gateway(upstream.port());
  set_timeouts(gateway, [](UpstreamTimeouts& t) { t.first_byte = milliseconds(250); });
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_EQ(answer.status(), 504);
  EXPECT_NE(answer.body.find("timeout_error"), std::string::npos);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::Timeout);
}

TEST(UpstreamFault, AMalformedAnswerIs502) {
  FakeUpstream upstream(FakeUpstream::always("HTTP/1.1 000 \r\ncontent-length: 0\r\n\r\n"));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(client.read_message().status(), 502);
}

TEST(UpstreamFault, ARedirectIsNotFollowed) {
  FakeUpstream upstream(FakeUpstream::always(
      "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 502);
  EXPECT_FALSE(answer.field("location"));
}

TEST(UpstreamFault, InterimAnswersAreSkipped) {
  FakeUpstream upstream(FakeUpstream::always("HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n" +
                                             whole_answer(200, AnthropicAnswer)));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, AnthropicAnswer);
}

TEST(UpstreamFault, AnErrorAnswerIsPassedOnAsItIs) {
  const std::string body =
      R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down sk-abcdefghijklmnop123"}})";
  FakeUpstream upstream(
      FakeUpstream::always(whole_answer(429, body, "application/json", "retry-after: 7\r\n")));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_EQ(answer.status(), 429);
  EXPECT_EQ(answer.field("retry-after"), "7");
  EXPECT_EQ(answer.body, body);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::UpstreamError);
  EXPECT_EQ(ended[0].error_type, "rate_limit_error");
  EXPECT_EQ(ended[0].error_message, "slow down [redacted]");
}

TEST(UpstreamFault, WhatAnErrorRepeatsOfThePromptIsNotReported) {
  const std::string body =
      R"({"error":{"type":"invalid_request_error","message":"gpt-4o cannot read: the violet door code"}})";
  FakeUpstream upstream(FakeUpstream::always(whole_answer(400, body)));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post(
      "/v1/chat/completions",
      R"({"model":"open:gpt-4o","messages":[{"role":"user","content":"the violet door code is 4711"}]})"));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_EQ(answer.body, body);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].error_type, "invalid_request_error");
  EXPECT_EQ(ended[0].error_message, "gpt-4o cannot read: [redacted]");
}

TEST(UpstreamFault, ALargeAnswerShorterThanItsLengthIsCutForTheClientToo) {
  const std::string half = "{\"x\":\"" + std::string(100'000, 'y');
  FakeUpstream upstream([&half](Peer& peer, int) {
    peer.read_message();
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n" + half);
    peer.close();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(answer.body, half);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::UpstreamError);
}

TEST(UpstreamFault, AStalePooledConnectionIsReplacedOnce) {
  FakeUpstream upstream([](Peer& peer, int connection) {
    if (!peer.read_message().complete) return;
    peer.send(whole_answer(200, AnthropicAnswer));
    // The first one says nothing more: it closes when the second request has come.
    if (connection == 0) {
      peer.read_message();
      peer.close();
    }
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.on_one_thread().start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  EXPECT_EQ(client.read_message().status(), 200);
  client.send(post("/v1/messages", AnthropicRequest));
  const Message second = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(2);

  EXPECT_EQ(second.status(), 200);
  EXPECT_EQ(second.body, AnthropicAnswer);
  ASSERT_EQ(ended.size(), 2u);
  ASSERT_EQ(ended[1].attempts.size(), 2u);
  EXPECT_TRUE(ended[1].attempts[0].connection_reused);
  EXPECT_FALSE(ended[1].attempts[1].connection_reused);
}

TEST(UpstreamFault, AnUnknownModelIsRejectedAndReported) {
  FakeUpstream upstream([](Peer&, int) {});
  RunningGateway gateway(upstream.port());
  gateway.config.providers.clear();
  auto client = gateway.start().client();

  client.send(post("/v1/chat/completions", R"({"model":"nobody:knows","messages":[]})"));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_EQ(answer.status(), 404);
  EXPECT_NE(answer.body.find("model_not_found"), std::string::npos);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::Rejected);
}

TEST(UpstreamFault, AnEarlyRefusalIsPassedOnThoughTheBodyIsNotRead) {
  std::promise<void> done;
  FakeUpstream upstream([&done](Peer& peer, int) {
    peer.read_some();
    peer.send(whole_answer(413, R"({"error":"too large"})"));
    done.get_future().wait();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();
  const std::string body = R"({"model":"anth:x","pad":")" + std::string(30'000'000, 'x') + "\"}";

  client.send(post("/v1/messages", body));
  const Message answer = client.read_message();
  done.set_value();

  EXPECT_EQ(answer.status(), 413);
  EXPECT_EQ(answer.body, R"({"error":"too large"})");
}

TEST(UpstreamFault, AnEventBeyondTheLimitEndsTheStreamWithAnError) {
  FakeUpstream upstream([](Peer& peer, int) {
    peer.read_message();
    peer.send(stream_head() + chunk(FirstEvent) + chunk("data: " + std::string(70'000, 'x')));
    peer.sees_close_within(10'000);
  });
  RunningGateway gateway(upstream.port());
  gateway.config.limits.event_bytes_max = 32 * KiB;
  auto client = gateway.start().client();

  client.send(post("/v1/messages", StreamAsk));
  const Message answer = client.read_message();

  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.body.starts_with(FirstEvent));
  EXPECT_NE(answer.body.find("event: error"), std::string::npos);
}

TEST(UpstreamFault, AChunkedAnswerIsFramedAnew) {
  const std::string body = "{\"x\":\"" + std::string(200'000, 'y') + "\"}";
  FakeUpstream upstream(FakeUpstream::always(
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n" +
      chunk(body.substr(0, 10)) + chunk(body.substr(10)) + "0\r\nx-trailer: 1\r\n\r\n"));
  RunningGateway gateway(upstream.port());
  auto client = gateway.on_one_thread().start().client();

  for (int i = 0; i < 2; ++i) {
    client.send(post("/v1/messages", AnthropicRequest));
    const Message answer = client.read_message();
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.body, body);
  }
  EXPECT_EQ(upstream.connections(), 1);
}

TEST(UpstreamFault, AnAnswerWithoutALengthEndsWithItsConnection) {
  FakeUpstream upstream([](Peer& peer, int) {
    peer.read_message();
    peer.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n");
    peer.send(AnthropicAnswer);
    peer.close();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  const Message answer = client.read_message();

  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, AnthropicAnswer);
}

}  // namespace
}  // namespace vdm::proxy::upstream_fault_test
