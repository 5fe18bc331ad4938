#include "proxy-service/forward/client_body.h"

#include <future>

#include "tests/proxy-service/forward/forwarding.h"

// Bodies of every size: what is kept, what is sent on as it arrives, and their bounds.

namespace vdm::proxy::forward_body_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::SteppedUpstream;
using fakes::whole_answer;
using std::chrono::milliseconds;

constexpr std::string_view Chunked = "transfer-encoding: chunked\r\n";

std::string in_chunks(std::string_view body, std::size_t size) {
  std::string text;
  for (std::size_t at = 0; at < body.size(); at += size)
    text += fakes::chunk(body.substr(at, size));
  return text + "0\r\n\r\n";
}

/// Bytes of which no two parts are alike, so that none can be lost or moved unseen.
std::string content(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; bytes.size() < size; ++i) bytes += std::to_string(i) + "\r\n";
  bytes.resize(size);
  return bytes;
}

TEST_F(Forwarding, SendsALargeFileOnWhileItArrives) {
  const std::string body = form(content(5 * MiB));
  std::promise<void> begun;
  FakeUpstream upstream([&](Peer& peer, int) {
    Message head = peer.read_message(true);
    begun.set_value();  // the client has not sent all of it yet
    std::string got;
    while (got.size() < body.size()) got += peer.read_some();
    EXPECT_TRUE(got == body);
    EXPECT_EQ(head.field("content-length"), std::to_string(body.size()));
    peer.send(whole_answer(200, R"({"id":"file-1"})"));
    peer.sees_close_within(10'000);
  });
  in_front_of(upstream.port()).start();
  auto client = gateway_->client();
  const std::string request = request_of("POST", "/v1/files", FormType, body);

  client.send(std::string_view(request).substr(0, 2 * MiB));
  begun.get_future().wait();
  EXPECT_EQ(gateway_->sink.wait_for<Started>(1).at(0).facts->request_bytes, body.size());
  client.send(std::string_view(request).substr(2 * MiB));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, R"({"id":"file-1"})");
  EXPECT_FALSE(answer.field("connection")) << "all of the body was read";
  EXPECT_EQ(ended().outcome, Outcome::Ok);
  client.send(get("/health/ready"));
  EXPECT_EQ(client.read_message().status(), 200);
}

TEST_F(Forwarding, SendsALargeChunkedBodyOnInChunks) {
  const std::string body = form(content(3 * MiB));
  SteppedUpstream upstream({{whole_answer(200, "{}")}});
  in_front_of(upstream.port()).start();
  std::string request = "POST /v1/files HTTP/1.1\r\nhost: localhost\r\n";
  request.append(FormType).append(Chunked).append("\r\n").append(in_chunks(body, 30'000));

  const Message answer = told(request);

  EXPECT_EQ(answer.status(), 200);
  ASSERT_EQ(upstream.asked().size(), 1u);
  EXPECT_TRUE(upstream.asked()[0].body == body);
  EXPECT_EQ(upstream.asked()[0].field("transfer-encoding"), "chunked");
  EXPECT_FALSE(upstream.asked()[0].field("content-length"));
  EXPECT_EQ(ended().facts->request_bytes, body.size());
}

TEST_F(Forwarding, SendsASmallChunkedBodyWithItsLength) {
  SteppedUpstream upstream({{whole_answer(200, Embedded)}});
  in_front_of(upstream.port()).start();
  std::string request = "POST /v1/embeddings HTTP/1.1\r\nhost: localhost\r\n";
  request.append("content-type: application/json\r\n").append(Chunked).append("\r\n");

  told(request + in_chunks(R"({"model":"open:e"})", 3));

  ASSERT_EQ(upstream.asked().size(), 1u);
  EXPECT_EQ(upstream.asked()[0].field("content-length"), "13");
  EXPECT_EQ(upstream.asked()[0].body, R"({"model":"e"})");
}

TEST_F(Forwarding, ReplacesAModelBeforeAndBehindMoreThanIsKept) {
  const std::string file = content(2 * MiB);
  SteppedUpstream upstream({{whole_answer(200, "{}")}});
  in_front_of(upstream.port()).start();
  const auto sent = [&](const std::string& body) {
    return told(request_of("POST", "/v1/audio/transcriptions", FormType, body)).status();
  };

  EXPECT_EQ(sent(model_part("open:w") + form(file)), 200);
  EXPECT_EQ(sent(form(file, model_part("open:w"))), 200);
  const std::string json = R"({"input":")" + std::string(2 * MiB, 'x') + R"(","model":"open:e"})";
  EXPECT_EQ(told(post("/v1/embeddings", json)).status(), 200);

  ASSERT_EQ(upstream.asked().size(), 3u);
  EXPECT_TRUE(upstream.asked()[0].body == model_part("w") + form(file));
  EXPECT_TRUE(upstream.asked()[1].body == form(file, model_part("w")));
  EXPECT_TRUE(upstream.asked()[2].body.ends_with(R"(","model":"e"})"));
}

TEST_F(Forwarding, KeepsNoMoreThanOneBodyMayHaveToFindTheModel) {
  FakeUpstream upstream([](Peer&, int) {});
  in_front_of(upstream.port()).config.limits.body_bytes_max = 2 * MiB;
  gateway_->start();
  auto client = gateway_->client();

  client.send(request_of("POST", "/v1/audio/transcriptions", FormType,
                         form(content(3 * MiB), model_part("open:w"))));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 413);
  EXPECT_NE(answer.body.find("model: expected within the body's first 2097152 bytes"),
            std::string::npos);
  EXPECT_EQ(upstream.connections(), 0);
}

TEST_F(Forwarding, RefusesABodyBeyondItsBoundBeforeAnyOfItIsRead) {
  FakeUpstream upstream([](Peer&, int) {});
  in_front_of(upstream.port()).config.limits.forwarded_body_bytes_max = 100'000;
  gateway_->start();
  auto client = gateway_->client();

  client.send("POST /v1/files HTTP/1.1\r\nhost: localhost\r\n" + std::string(FormType) +
              "content-length: 100001\r\n\r\n");
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 413);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_EQ(ended().outcome, Outcome::Rejected);
  EXPECT_EQ(upstream.connections(), 0);
}

TEST_F(Forwarding, RefusesAChunkedBodyThatGrowsBeyondItsBoundWhileItIsSent) {
  std::promise<void> closed;
  FakeUpstream upstream([&](Peer& peer, int) {
    peer.read_message(true);
    if (peer.sees_close_within(10'000)) closed.set_value();
  });
  in_front_of(upstream.port()).config.limits.forwarded_body_bytes_max = 2 * MiB;
  gateway_->start();
  auto client = gateway_->client();
  std::string request = "POST /v1/files HTTP/1.1\r\nhost: localhost\r\n";
  request.append(FormType).append(Chunked).append("\r\n");

  client.send(request + in_chunks(content(2 * MiB + 1), 100'000));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 413);
  EXPECT_EQ(closed.get_future().wait_for(milliseconds(5000)), std::future_status::ready);
  const Ended ended = this->ended();
  EXPECT_EQ(ended.outcome, Outcome::Rejected);
  EXPECT_EQ(ended.http_status, 413u);
}

TEST_F(Forwarding, GivesUpAClientThatSendsTooSlowlyWhileItsBodyIsSentOn) {
  FakeUpstream upstream([](Peer& peer, int) {
    peer.read_message(true);
    peer.sees_close_within(10'000);
  });
  in_front_of(upstream.port()).config.timeouts.body_grace = milliseconds(300);
  gateway_->config.timeouts.body_bytes_per_second_min = 1 * GiB;
  gateway_->start();
  auto client = gateway_->client();
  const std::string request = request_of("POST", "/v1/files", FormType, form(content(3 * MiB)));

  client.send(std::string_view(request).substr(0, 2 * MiB));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 408);
  EXPECT_EQ(ended().outcome, Outcome::Rejected);
}

TEST_F(Forwarding, DoesNotTakeASlowProviderForASlowClient) {
  const std::string body = form(content(12 * MiB));
  std::promise<void> read_on;
  FakeUpstream upstream([&](Peer& peer, int) {
    peer.read_message(true);
    read_on.get_future().wait();
    std::string got;
    std::size_t size = 0;
    while (size < body.size()) {
      got = peer.read_some();
      if (got.empty()) return;
      size += got.size();
    }
    peer.send(whole_answer(200, "{}"));
    peer.sees_close_within(10'000);
  });
  in_front_of(upstream.port()).config.timeouts.body_grace = milliseconds(400);
  gateway_->config.timeouts.body_bytes_per_second_min = 100 * MiB;
  gateway_->start();
  auto client = gateway_->client();
  const std::string request = request_of("POST", "/v1/files", FormType, body);
  auto sent = std::async(std::launch::async, [&] { return client.send(request); });

  // More than the grace and the time that all the bytes earn.
  auto other = gateway_->client();
  EXPECT_FALSE(other.sees_close_within(1000));
  read_on.set_value();

  EXPECT_TRUE(sent.get());
  EXPECT_EQ(client.read_message().status(), 200);
}

TEST_F(Forwarding, TellsAnErrorThatTheProviderSendsBeforeItHasReadAll) {
  FakeUpstream upstream([](Peer& peer, int) {
    peer.read_message(true);
    peer.send(whole_answer(413, R"({"error":{"message":"too large"}})"));
    peer.sees_close_within(10'000);
  });
  in_front_of(upstream.port()).start();
  auto client = gateway_->client();
  const std::string request = request_of("POST", "/v1/files", FormType, form(content(9 * MiB)));

  client.send(std::string_view(request).substr(0, 2 * MiB));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 413);
  EXPECT_EQ(answer.body, R"({"error":{"message":"too large"}})");
  EXPECT_EQ(answer.field("connection"), "close") << "what follows is no request";
}

TEST_F(Forwarding, SendsOnAfterAnInterimAnswer) {
  FakeUpstream upstream([](Peer& peer, int) {
    const Message head = peer.read_message(true);
    peer.send("HTTP/1.1 100 Continue\r\n\r\n");
    std::size_t left = std::stoul(head.field("content-length").value_or("0"));
    while (left > 0) {
      const std::string got = peer.read_some();
      if (got.empty()) return;
      left -= got.size();
    }
    peer.send(whole_answer(200, "{}"));
    peer.sees_close_within(10'000);
  });
  in_front_of(upstream.port()).start();
  const std::string kept = form(content(9 * MiB), model_part("open:w"));

  EXPECT_EQ(told(request_of("POST", "/v1/files", FormType, form(content(9 * MiB)))).status(), 200);
  EXPECT_EQ(told(request_of("POST", "/v1/audio/transcriptions", FormType, kept)).status(), 200);
}

TEST_F(Forwarding, AsksTheClientToGoOnIfItWaitsForThat) {
  SteppedUpstream upstream({{whole_answer(200, Embedded)}});
  in_front_of(upstream.port()).start();
  auto client = gateway_->client();
  const std::string request =
      post("/v1/embeddings", R"({"model":"open:e"})", "expect: 100-continue\r\n");
  const std::size_t head = request.find("\r\n\r\n") + 4;

  client.send(request.substr(0, head));
  EXPECT_EQ(client.read_some(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send(request.substr(head));

  EXPECT_EQ(client.read_message().status(), 200);
  EXPECT_FALSE(upstream.asked().at(0).field("expect"));
}

TEST_F(Forwarding, GivesEveryBodyOnHoweverItIsCut) {
  const std::string body = form("x\r\n--b", model_part("open:w"));
  SteppedUpstream upstream({{whole_answer(200, "{}")}});
  in_front_of(upstream.port()).start();
  const std::string request = request_of("POST", "/v1/audio/transcriptions", FormType, body);
  auto client = gateway_->client();

  client.send_byte_by_byte(request);

  EXPECT_EQ(client.read_message().status(), 200);
  EXPECT_EQ(upstream.asked().at(0).body, form("x\r\n--b", model_part("w")));
}

TEST_F(Forwarding, PassesALargeAnswerOnToASlowClientWithoutHoldingIt) {
  const std::string body = content(6 * MiB);
  SteppedUpstream upstream({{whole_answer(200, body, "application/octet-stream")}});
  in_front_of(upstream.port()).start();
  auto client = gateway_->client(4096);

  client.send(get("/v1/files/f/content"));
  const Message answer = client.read_message();

  EXPECT_TRUE(answer.body == body);
  EXPECT_EQ(answer.field("content-length"), std::to_string(body.size()));
  EXPECT_EQ(ended().response_bytes, body.size());
}

}  // namespace
}  // namespace vdm::proxy::forward_body_test
