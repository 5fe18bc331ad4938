#include "proxy-service/completion/stream_relay.h"

#include <gtest/gtest.h>

#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::stream_relay_test {
namespace {

using fakes::chunk;
using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::stream_head;

constexpr std::string_view AnthropicStream =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"claude-x","content":[],"usage":{"input_tokens":7,"output_tokens":1}}})"
    "\n\n"
    "event: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\n"
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}})"
    "\n\n"
    "event: content_block_stop\n"
    R"(data: {"type":"content_block_stop","index":0})"
    "\n\n"
    "event: message_delta\n"
    R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}})"
    "\n\n"
    "event: message_stop\n"
    R"(data: {"type":"message_stop"})"
    "\n\n";

constexpr std::string_view OpenAiText =
    R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]})"
    "\n\n"
    R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
    "\n\n";
constexpr std::string_view OpenAiUsage =
    R"(data: {"id":"c","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}})"
    "\n\n";
constexpr std::string_view OpenAiDone = "data: [DONE]\n\n";

constexpr std::string_view AnthropicAsk =
    R"({"model":"anth:claude-x","max_tokens":16,"stream":true,"messages":[{"role":"user","content":"hello"}]})";
constexpr std::string_view OpenAiAsk =
    R"({"model":"open:gpt-4o","stream":true,"messages":[{"role":"user","content":"hello"}]})";

/// Answers one request with the bytes, cut as the test says, and then waits.
FakeUpstream::Script streams(std::vector<std::string> buffers) {
  return [buffers = std::move(buffers)](Peer& peer, int) {
    while (peer.read_message().complete) {
      for (const std::string& piece : buffers) {
        if (!peer.send(piece)) return;
      }
    }
  };
}

TEST(StreamRelay, PassesAnAnthropicStreamThroughByteForByte) {
  FakeUpstream upstream(
      streams({stream_head() + chunk(AnthropicStream) + std::string(http1::LastChunk)}));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicAsk));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_EQ(answer.status(), 200);
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, AnthropicStream);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::Ok);
  EXPECT_EQ(ended[0].usage.input_tokens, 7u);
  EXPECT_EQ(ended[0].usage.output_tokens, 5u);
  EXPECT_EQ(ended[0].finish_reason, "end_turn");
  EXPECT_TRUE(ended[0].ttft.has_value());
}

TEST(StreamRelay, GivesTheSameStreamHoweverTheProviderCutsIt) {
  FakeUpstream upstream([](Peer& peer, int) {
    while (peer.read_message().complete) {
      peer.send_byte_by_byte(stream_head() + chunk(AnthropicStream.substr(0, 301)) +
                             chunk(AnthropicStream.substr(301)) + std::string(http1::LastChunk));
    }
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send_byte_by_byte(post("/v1/messages", AnthropicAsk));
  const Message answer = client.read_message();

  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, AnthropicStream);
}

TEST(StreamRelay, AsksForUsageAndHidesItsChunkAgain) {
  std::string asked;
  FakeUpstream upstream([&asked](Peer& peer, int) {
    asked = peer.read_message().body;
    peer.send(stream_head() + chunk(OpenAiText) + chunk(OpenAiUsage) + chunk(OpenAiDone) +
              std::string(http1::LastChunk));
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/chat/completions", OpenAiAsk));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_NE(asked.find("\"include_usage\":true"), std::string::npos);
  EXPECT_EQ(answer.body, std::string(OpenAiText) + std::string(OpenAiDone));
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].usage.output_tokens, 5u);
}

TEST(StreamRelay, ShowsTheUsageChunkToWhoAskedForIt) {
  FakeUpstream upstream(streams({stream_head() + chunk(OpenAiText) + chunk(OpenAiUsage) +
                                 chunk(OpenAiDone) + std::string(http1::LastChunk)}));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post(
      "/v1/chat/completions",
      R"({"model":"open:gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[]})"));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.body,
            std::string(OpenAiText) + std::string(OpenAiUsage) + std::string(OpenAiDone));
}

TEST(StreamRelay, EndsACutStreamWithOneErrorEventAndNoInventedEnd) {
  const std::string_view cut = AnthropicStream.substr(0, 450);
  FakeUpstream upstream([cut](Peer& peer, int) {
    peer.read_message();
    peer.send(stream_head() + chunk(cut));
    peer.close();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicAsk));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  const std::size_t whole = cut.rfind("\n\n") + 2;
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body.substr(0, whole), cut.substr(0, whole));
  EXPECT_TRUE(answer.body.substr(whole).starts_with("event: error\ndata: {\"type\":\"error\""))
      << answer.body.substr(whole);
  EXPECT_EQ(answer.body.find("message_stop"), std::string::npos);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::UpstreamError);
}

// The head has promised that the connection stays, and a client that pools it sends its next
// request on it.
TEST(StreamRelay, ServesTheNextRequestOfTheConnectionAfterACutStream) {
  FakeUpstream upstream([](Peer& peer, int connection) {
    if (!peer.read_message().complete) return;
    const std::string_view text =
        connection == 0 ? AnthropicStream.substr(0, 400) : AnthropicStream;
    peer.send(stream_head() + chunk(text) + (connection == 0 ? "" : std::string(http1::LastChunk)));
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicAsk));
  const Message cut = client.read_message();
  client.send(post("/v1/messages", AnthropicAsk));
  const Message next = client.read_message();

  EXPECT_TRUE(cut.complete);
  EXPECT_NE(cut.body.find("event: error"), std::string::npos);
  EXPECT_FALSE(cut.field("connection"));
  EXPECT_EQ(next.status(), 200);
  EXPECT_EQ(next.body, AnthropicStream);
}

TEST(StreamRelay, CallsAStreamCutAfterItsTerminalFrameComplete) {
  FakeUpstream upstream([](Peer& peer, int) {
    peer.read_message();
    peer.send(stream_head() + chunk(AnthropicStream));
    peer.close();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicAsk));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, AnthropicStream);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::Ok);
}

TEST(StreamRelay, EndsAStalledStreamWithOneErrorEvent) {
  FakeUpstream upstream([](Peer& peer, int) {
    peer.read_message();
    peer.send(stream_head() + chunk(OpenAiText.substr(0, OpenAiText.find("\n\n") + 2)));
    peer.sees_close_within(10'000);
  });
  RunningGateway gateway(upstream.port());
  for (Provider& provider : gateway.config.providers) {
    provider.timeouts.stream_idle = std::chrono::milliseconds(300);
  }
  auto client = gateway.start().client();

  client.send(post("/v1/chat/completions", OpenAiAsk));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_TRUE(answer.complete);
  EXPECT_NE(answer.body.find("data: {\"error\":{\"message\":"), std::string::npos);
  EXPECT_EQ(answer.body.find("[DONE]"), std::string::npos);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::Timeout);
}

TEST(StreamRelay, AnswersAnEmptyStreamWith502) {
  FakeUpstream upstream(streams({stream_head() + std::string(http1::LastChunk)}));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicAsk));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_EQ(answer.status(), 502);
  EXPECT_TRUE(answer.body.starts_with(R"({"type":"error","error":{"type":"api_error")"))
      << answer.body;
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::UpstreamError);
  EXPECT_EQ(ended[0].http_status, 502u);
}

TEST(StreamRelay, TurnsAStreamThatBeginsWithAnErrorIntoItsStatus) {
  const std::string data =
      R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";
  FakeUpstream upstream(streams({stream_head() + chunk("event: error\ndata: " + data + "\n\n") +
                                 std::string(http1::LastChunk)}));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicAsk));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_EQ(answer.status(), 529);
  EXPECT_EQ(answer.body, data);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].http_status, 529u);
  EXPECT_EQ(ended[0].error_type, "overloaded_error");
  EXPECT_EQ(ended[0].error_message, "Overloaded");
}

TEST(StreamRelay, FramesAStreamByClosingForAnOldClient) {
  FakeUpstream upstream(
      streams({stream_head() + chunk(AnthropicStream) + std::string(http1::LastChunk)}));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  std::string request = post("/v1/messages", AnthropicAsk);
  request.replace(request.find("HTTP/1.1"), 8, "HTTP/1.0");
  client.send(request);
  const Message answer = client.read_message();

  EXPECT_FALSE(answer.field("transfer-encoding"));
  EXPECT_EQ(answer.body, AnthropicStream);
}

TEST(StreamRelay, KeepsBothConnectionsForTheNextStream) {
  FakeUpstream upstream(
      streams({stream_head() + chunk(AnthropicStream) + std::string(http1::LastChunk)}));
  RunningGateway gateway(upstream.port());
  auto client = gateway.on_one_thread().start().client();

  for (int i = 0; i < 3; ++i) {
    client.send(post("/v1/messages", AnthropicAsk));
    EXPECT_EQ(client.read_message().body, AnthropicStream);
  }

  EXPECT_EQ(upstream.connections(), 1);
}

}  // namespace
}  // namespace vdm::proxy::stream_relay_test
