#include "proxy-service/serve/session.h"

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.h"
#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::serve_session_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;
using std::chrono::milliseconds;

std::string without_length(std::string_view fields, std::string_view body) {
  std::string request = "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n";
  request.append("content-type: application/json\r\n");
  return request.append(fields).append("\r\n").append(body);
}

class SessionTest : public ::testing::Test {
 protected:
  SessionTest()
      : upstream_(FakeUpstream::always(whole_answer(200, AnthropicAnswer), &asked_)),
        gateway_(upstream_.port()) {}

  ManualClock clock_;  ///< outlives the gateway that goes by it
  std::vector<Message> asked_;
  FakeUpstream upstream_;
  RunningGateway gateway_;
};

TEST_F(SessionTest, ReadsAChunkedBodyHoweverItIsCut) {
  auto client = gateway_.start().client();
  const std::string_view body = AnthropicRequest;
  const std::string request = without_length(
      "transfer-encoding: chunked\r\n",
      fakes::chunk(body.substr(0, 10)) + fakes::chunk(body.substr(10)) + "0\r\n\r\n");

  client.send_byte_by_byte(request);
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 200);
  ASSERT_EQ(asked_.size(), 1u);
  EXPECT_EQ(asked_[0].field("transfer-encoding"), std::nullopt);
  EXPECT_EQ(asked_[0].field("content-length"), std::to_string(asked_[0].body.size()));
}

TEST_F(SessionTest, AnswersPipelinedRequestsInOrder) {
  auto client = gateway_.start().client();

  client.send(post("/v1/messages", AnthropicRequest) + get("/health/ready") +
              post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(client.read_message().body, AnthropicAnswer);
  EXPECT_EQ(client.read_message().body, R"({"ready":true})");
  EXPECT_EQ(client.read_message().body, AnthropicAnswer);
}

TEST_F(SessionTest, PassesABodyOfManyKilobytes) {
  auto client = gateway_.start().client();
  const std::string text(300'000, 'x');
  const std::string body =
      R"({"model":"anth:claude-x","max_tokens":1,"messages":[],"pad":")" + text + "\"}";

  for (int i = 0; i < 3; ++i) {
    client.send(post("/v1/messages", body));
    EXPECT_EQ(client.read_message().status(), 200);
  }

  ASSERT_EQ(asked_.size(), 3u);
  EXPECT_NE(asked_[2].body.find(text), std::string::npos);
}

TEST_F(SessionTest, TellsAClientThatWaitsToGoOn) {
  auto client = gateway_.start().client();
  const std::string request = post("/v1/messages", AnthropicRequest, "expect: 100-continue\r\n");
  const std::size_t body_at = request.find("\r\n\r\n") + 4;

  client.send(request.substr(0, body_at));
  const Message go_on = client.read_message(true);
  client.send(request.substr(body_at));

  EXPECT_EQ(go_on.status(), 100);
  EXPECT_EQ(client.read_message().status(), 200);
}

TEST_F(SessionTest, ClosesAfterAnOldClientsRequest) {
  auto client = gateway_.start().client();

  client.send("GET /health/ready HTTP/1.0\r\n\r\n");

  EXPECT_EQ(client.read_message().status(), 200);
  EXPECT_TRUE(client.sees_close_within(2000));
}

TEST_F(SessionTest, AnswersHeadWithoutABody) {
  auto client = gateway_.start().client();

  client.send("HEAD /health/ready HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const Message head = client.read_message(true);
  client.send(get("/health/ready"));

  EXPECT_EQ(head.field("content-length"), "14");
  EXPECT_EQ(client.read_message().body, R"({"ready":true})");
}

// What is refused, and how: one answer, then nothing more of the connection is read.

struct Refused {
  std::string_view name;
  std::string request;
  int status;
};

class SessionRefuses : public SessionTest, public ::testing::WithParamInterface<Refused> {};

TEST_P(SessionRefuses, ThenCloses) {
  auto client = gateway_.start().client();

  client.send(GetParam().request + get("/health"));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), GetParam().status) << answer.body;
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(answer.field("x-request-id").has_value());
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(upstream_.connections(), 0);
  EXPECT_EQ(gateway_.sink.all<Started>().size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Framing, SessionRefuses,
    ::testing::Values(
        Refused{"BothLengths",
                without_length("content-length: 5\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"),
                400},
        Refused{"TwoLengths", without_length("content-length: 0\r\ncontent-length: 0\r\n", ""),
                400},
        Refused{"OtherCoding", without_length("transfer-encoding: xchunked\r\n", "0\r\n\r\n"), 501},
        Refused{"NoHost", "GET /health HTTP/1.1\r\n\r\n", 400},
        Refused{"BareLineFeed", "GET /health HTTP/1.1\nhost: localhost\r\n\r\n", 400},
        Refused{"Folded", "GET /health HTTP/1.1\r\nhost: localhost\r\n folded\r\n\r\n", 400},
        Refused{"OldVersion", "GET /health HTTP/2.0\r\nhost: localhost\r\n\r\n", 505},
        Refused{"LargeHead",
                "GET /health HTTP/1.1\r\nhost: localhost\r\nx: " + std::string(40'000, 'x') +
                    "\r\n\r\n",
                431},
        Refused{"Backslash", "GET /health\\ready HTTP/1.1\r\nhost: localhost\r\n\r\n", 400},
        Refused{"BackslashAndUnknownHost",
                "GET /health\\ready HTTP/1.1\r\nhost: attacker.example\r\n\r\n", 400},
        Refused{"UnknownHost", "GET /health HTTP/1.1\r\nhost: attacker.example\r\n\r\n", 421},
        Refused{"UnknownHostWithABody",
                "POST /v1/messages HTTP/1.1\r\nhost: attacker.example\r\ncontent-length: 2\r\n"
                "\r\n{}",
                421},
        Refused{"NoMethod", "\x16\x03\x01\r\n\r\n", 400},
        Refused{"UnknownMethod", "BREW /health HTTP/1.1\r\nhost: localhost\r\n\r\n", 501},
        Refused{"LongTarget",
                "GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nhost: localhost\r\n\r\n", 414},
        Refused{"BadChunk", without_length("transfer-encoding: chunked\r\n", "zz\r\n"), 400},
        Refused{"TooLarge", without_length("content-length: 99999999999\r\n", "{"), 413},
        Refused{"Encoded", without_length("content-encoding: gzip\r\ncontent-length: 3\r\n", "abc"),
                415}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(SessionTest, HoldsTheLimitsOfAHeadThatItsConfigurationHas) {
  gateway_.config.limits.header_bytes_max = 40 * KiB;
  gateway_.config.limits.header_fields_max = 10;
  gateway_.config.limits.target_bytes_max = 100;
  gateway_.start();
  const auto status = [this](const std::string& request) {
    auto client = gateway_.client();
    client.send(request);
    return client.read_message().status();
  };
  const auto of_size = [](std::size_t size) { return "x: " + std::string(size, 'x') + "\r\n"; };
  std::string fields;
  for (int i = 0; i < 9; ++i) fields += "x: x\r\n";

  EXPECT_EQ(status(get("/health", of_size(39 * KiB))), 200);
  EXPECT_EQ(status(get("/health", of_size(40 * KiB))), 431);
  EXPECT_EQ(status(get("/health", fields)), 200);
  EXPECT_EQ(status(get("/health", fields + "x: x\r\n")), 431);
  EXPECT_EQ(status(get("/health?" + std::string(92, 'x'))), 200);
  EXPECT_EQ(status(get("/health?" + std::string(93, 'x'))), 414);
}

TEST(SessionUpstream, HoldsTheLimitOfAProvidersHeadThatItsConfigurationHas) {
  for (const auto& [bytes_max, status] : {std::pair{50 * KiB, 502}, {60 * KiB, 200}}) {
    FakeUpstream upstream(
        FakeUpstream::always(whole_answer(200, AnthropicAnswer, "application/json",
                                          "x-large: " + std::string(55 * KiB, 'x') + "\r\n")));
    RunningGateway gateway(upstream.port());
    gateway.config.limits.upstream_header_bytes_max = bytes_max;
    auto client = gateway.start().client();

    client.send(post("/v1/messages", AnthropicRequest));

    EXPECT_EQ(client.read_message().status(), status) << bytes_max;
  }
}

TEST_F(SessionTest, ClosesOnWhoHasNoKey) {
  gateway_.config.access.proxy_api_key = Secret("open-sesame");
  auto client = gateway_.start().client();

  client.send(get("/v1/models") + get("/health"));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 401);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(SessionTest, AsksForTheKeyBeforeItReadsABody) {
  gateway_.config.access.proxy_api_key = Secret("open-sesame");
  auto client = gateway_.start().client();
  const std::string request = post("/v1/messages", AnthropicRequest, "x-api-key: wrong\r\n");

  client.send(request.substr(0, request.find("\r\n\r\n") + 4));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 401);
  EXPECT_NE(answer.body.find("authentication_error"), std::string::npos);
  EXPECT_EQ(answer.body.find("open-sesame"), std::string::npos);
}

TEST_F(SessionTest, LetsInWhoShowsTheKeyInEitherWay) {
  gateway_.config.access.proxy_api_key = Secret("open-sesame");
  auto client = gateway_.start().client();

  client.send(post("/v1/messages", AnthropicRequest, "x-api-key: open-sesame\r\n"));
  EXPECT_EQ(client.read_message().status(), 200);
  client.send(post("/v1/messages", AnthropicRequest, "authorization: Bearer open-sesame\r\n"));
  EXPECT_EQ(client.read_message().status(), 200);

  // Our key is for us alone.
  for (const Message& asked : asked_) {
    EXPECT_EQ(asked.head.find("open-sesame"), std::string::npos);
    EXPECT_EQ(asked.field("x-api-key"), "sk-provider-key-0123456789");
  }
}

TEST_F(SessionTest, KeepsHealthOpenAndEverythingElseShut) {
  gateway_.config.access.proxy_api_key = Secret("open-sesame");
  gateway_.start();
  const auto status = [this](std::string_view path) {
    auto client = gateway_.client();
    client.send(get(path));
    return client.read_message().status();
  };

  EXPECT_EQ(status("/health"), 200);
  EXPECT_EQ(status("/health/ready"), 200);
  EXPECT_EQ(status("/v1/models"), 401);
  EXPECT_EQ(status("/"), 401);
  EXPECT_EQ(status("/nothing"), 401);
}

TEST_F(SessionTest, AnswersUnknownPathsAndMethodsInJson) {
  auto client = gateway_.start().client();

  client.send(get("/v1/nothing"));
  const Message missing = client.read_message();
  client.send(get("/v1/messages"));
  const Message wrong = client.read_message();

  EXPECT_EQ(missing.status(), 404);
  EXPECT_EQ(missing.field("content-type"), "application/json");
  EXPECT_EQ(wrong.status(), 405);
  EXPECT_EQ(wrong.field("allow"), "POST");
}

TEST_F(SessionTest, RefusesABodyThatIsNotARequest) {
  auto client = gateway_.start().client();

  client.send(post("/v1/messages", "[1,2"));
  const Message answer = client.read_message();
  client.send(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(client.read_message().status(), 200);
}

TEST_F(SessionTest, RefusesWhenAllBodiesTogetherAreTooMuch) {
  gateway_.config.limits.all_bodies_bytes_max = 100 * KiB;
  auto client = gateway_.start().client();
  const std::string body = R"({"model":"anth:x","pad":")" + std::string(200'000, 'x') + "\"}";

  client.send(post("/v1/messages", body));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 503);
  EXPECT_TRUE(answer.field("retry-after").has_value());
}

// Time.

TEST_F(SessionTest, AnswersASlowHeadWith408) {
  gateway_.config.timeouts.header = milliseconds(250);
  auto client = gateway_.start().client();

  client.send("POST /v1/messages HTTP/1.1\r\nhost:");
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 408);
  EXPECT_TRUE(client.sees_close_within(2000));
}

TEST_F(SessionTest, AnswersASlowBodyWith408) {
  gateway_.config.timeouts.body_grace = milliseconds(250);
  auto client = gateway_.start().client();
  const std::string request = post("/v1/messages", AnthropicRequest);

  client.send(request.substr(0, request.size() - 1));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 408);
  EXPECT_TRUE(client.sees_close_within(2000));
}

TEST_F(SessionTest, LetsABodyTakeAnyTimeWhenItsRateIsNotLookedAt) {
  gateway_.clock = &clock_;
  gateway_.config.timeouts.body_bytes_per_second_min = 0;
  auto client = gateway_.on_one_thread().start().client();
  auto idle = gateway_.client();
  const std::string request = post("/v1/messages", AnthropicRequest, "expect: 100-continue\r\n");
  const std::size_t body_at = request.find("\r\n\r\n") + 4;
  client.send(request.substr(0, body_at));
  EXPECT_EQ(client.read_message(true).status(), 100);
  idle.send(get("/health/ready"));
  EXPECT_EQ(idle.read_message().status(), 200);

  clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(idle.read_to_end(), "") << "the thread has looked at its deadlines";
  client.send(request.substr(body_at));

  EXPECT_EQ(client.read_message().status(), 200);
}

TEST_F(SessionTest, TellsPeopleItsHealthInYaml) {
  auto client = gateway_.start().client();
  client.send(get("/health"));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.field("content-type"), "text/yaml; charset=utf-8");
  EXPECT_TRUE(answer.body.starts_with("status: healthy\n")) << answer.body;
  EXPECT_NE(answer.body.find("\nmetrics:\n  enabled: false\n"), std::string::npos) << answer.body;
}

TEST_F(SessionTest, ClosesAnIdleConnectionWithoutAWord) {
  gateway_.config.timeouts.keep_alive = milliseconds(250);
  auto client = gateway_.start().client();
  client.send(get("/health/ready"));
  client.read_message();

  EXPECT_EQ(client.read_to_end(), "");
}

// What is passed on and what is not.

TEST_F(SessionTest, PassesOnWhatIsTheProvidersBusinessOnly) {
  auto client = gateway_.start().client();

  client.send(post("/v1/messages", AnthropicRequest,
                   "anthropic-version: 2024-01-01\r\nuser-agent: sdk/2\r\nx-stainless-os: Linux\r\n"
                   "cookie: a=b\r\nx-forwarded-for: 10.0.0.1\r\nx-forwarded-port: 1\r\n"
                   "x-real-ip: 10.0.0.1\r\nforwarded: for=x\r\naccept-encoding: gzip\r\n"
                   "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
                   "tracestate: a=b\r\nx-request-id: mine\r\nte: trailers\r\napi-key: k\r\n"
                   "x-api-key: clients-own\r\nauthorization: Bearer clients-own\r\n"
                   "connection: keep-alive, x-hop\r\nx-hop: 1\r\n"));
  EXPECT_EQ(client.read_message().status(), 200);
  const auto started = gateway_.sink.wait_for<Started>(1);

  ASSERT_EQ(asked_.size(), 1u);
  const Message& asked = asked_[0];
  EXPECT_EQ(asked.field("anthropic-version"), "2024-01-01");
  EXPECT_EQ(asked.field("user-agent"), "sdk/2");
  EXPECT_EQ(asked.field("x-stainless-os"), "Linux");
  EXPECT_EQ(asked.field("accept-encoding"), "identity");
  for (const char* name :
       {"cookie", "x-forwarded-for", "x-forwarded-port", "x-real-ip", "forwarded", "traceparent",
        "tracestate", "x-request-id", "te", "api-key", "authorization", "x-hop", "connection"}) {
    EXPECT_EQ(asked.field(name), std::nullopt) << name;
  }
  EXPECT_EQ(asked.head.find("clients-own"), std::string::npos);
  ASSERT_EQ(started.size(), 1u);
  EXPECT_EQ(started[0].facts->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(started[0].facts->client_label.size(), 12u);
}

TEST(Session, PassesBackWhatIsTheClientsBusinessOnly) {
  FakeUpstream upstream(FakeUpstream::always(
      whole_answer(200, OpenAiAnswer, "application/json",
                   "x-request-id: theirs\r\nset-cookie: a=b\r\nalt-svc: h3\r\nkeep-alive: x\r\n"
                   "x-ratelimit-remaining: 5\r\nopenai-organization: o\r\n")));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/chat/completions", OpenAiRequest));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.field("x-upstream-request-id"), "theirs");
  EXPECT_TRUE(answer.field("x-request-id")->starts_with("req_"));
  EXPECT_EQ(answer.field("x-ratelimit-remaining"), "5");
  EXPECT_EQ(answer.field("openai-organization"), "o");
  for (const char* name : {"set-cookie", "alt-svc", "keep-alive"}) {
    EXPECT_EQ(answer.field(name), std::nullopt) << name;
  }
}

TEST(Session, HoldsBackTheProviderWhenTheClientDoesNotRead) {
  constexpr std::size_t Bound = 24 * 1024 * 1024;  // the kernel's buffers on both sides, and slack
  std::atomic<std::size_t> pushed{0};
  FakeUpstream upstream([&pushed](Peer& peer, int) {
    peer.read_message();
    peer.send(fakes::stream_head());
    std::string data = "data: {\"x\":\"";
    data.append(60'000, 'x').append("\"}\n\n");
    const std::string event = fakes::chunk(data);
    while (pushed < 4 * Bound && peer.send(event)) pushed += event.size();
  });
  RunningGateway gateway(upstream.port());
  gateway.config.timeouts.client_write = std::chrono::seconds(60);
  auto client = gateway.start().client(4096);

  client.send(
      post("/v1/messages", R"({"model":"anth:x","max_tokens":1,"stream":true,"messages":[]})"));
  // Other requests are served meanwhile; the provider is done when it moves no further.
  std::size_t before = 1;
  for (std::size_t count = 1; (pushed == 0 || before != pushed) && count < 20; ++count) {
    before = pushed;
    auto other = gateway.client();
    for (int i = 0; i < 200; ++i) {
      other.send("GET /health/ready HTTP/1.1\r\nhost: localhost\r\n\r\n");
      other.read_message();
    }
  }

  EXPECT_GT(pushed, 0u);
  EXPECT_LT(pushed, Bound);
}

}  // namespace
}  // namespace vdm::proxy::serve_session_test
