#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/proxy-service/completion/dialect_pairs.h"
#include "tests/proxy-service/serve/running_gateway.h"

// Which fields of a provider's answer reach the client, by every way that an answer takes.

namespace vdm::proxy::answer_fields_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;

constexpr std::string_view Fields =
    "access-control-allow-origin: *\r\naccess-control-allow-credentials: true\r\n"
    "set-cookie: a=b\r\nserver: s\r\nstrict-transport-security: max-age=1\r\nalt-svc: h3\r\n"
    "x-accel-redirect: /etc/passwd\r\nx-vandamme-provider: they\r\nvary: *\r\n"
    "location: https://other.example/\r\nx-ratelimit-limit-requests: 7\r\nx-odd: 1\r\n"
    "retry-after: 3\r\nretry-after-ms: 2500\r\nx-should-retry: false\r\ncf-ray: abc\r\n";

/// A provider that answers each request so.
class AnswerFields : public ::testing::Test {
 protected:
  RunningGateway& in_front_of(std::string answer) {
    upstream_ = std::make_unique<FakeUpstream>(FakeUpstream::always(std::move(answer)));
    gateway_ = std::make_unique<RunningGateway>(upstream_->port());
    return *gateway_;
  }
  Message told(const std::string& text) {
    auto client = gateway_->client();
    client.send(text);
    return client.read_message();
  }
  static void expect_none_of_theirs(const Message& answer) {
    for (const char* name : {"access-control-allow-origin", "access-control-allow-credentials",
                             "set-cookie", "server", "strict-transport-security", "alt-svc",
                             "x-accel-redirect", "vary", "location", "x-odd", "cf-ray"}) {
      EXPECT_EQ(answer.field(name), std::nullopt) << name;
    }
    EXPECT_NE(answer.field("x-vandamme-provider"), "they");
  }
  static void expect_what_clients_read(const Message& answer) {
    EXPECT_EQ(answer.field("x-ratelimit-limit-requests"), "7");
    EXPECT_EQ(answer.field("retry-after"), "3");
    EXPECT_EQ(answer.field("retry-after-ms"), "2500");
    EXPECT_EQ(answer.field("x-should-retry"), "false");
  }

  std::unique_ptr<FakeUpstream> upstream_;
  std::unique_ptr<RunningGateway> gateway_;
};

TEST_F(AnswerFields, ArePassedOfAWholeAnswerIfClientsReadThem) {
  in_front_of(whole_answer(200, AnthropicAnswer, "application/json", Fields)).start();

  const Message answer = told(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(answer.status(), 200);
  expect_none_of_theirs(answer);
  expect_what_clients_read(answer);
}

TEST_F(AnswerFields, ArePassedOfAStreamIfClientsReadThem) {
  in_front_of(fakes::stream_head(Fields) + fakes::chunk(good_stream(Dialect::Anthropic)) +
              "0\r\n\r\n")
      .start();

  const Message answer = told(post("/v1/messages", StreamAsk));

  EXPECT_EQ(answer.status(), 200);
  expect_none_of_theirs(answer);
  expect_what_clients_read(answer);
}

TEST_F(AnswerFields, ArePassedOfAnErrorIfClientsReadThem) {
  in_front_of(whole_answer(429, error_said(Dialect::Anthropic, "rate_limit_error", "slow down"),
                           "application/json", Fields))
      .start();

  const Message answer = told(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(answer.status(), 429);
  expect_none_of_theirs(answer);
  expect_what_clients_read(answer);
}

TEST_F(AnswerFields, ArePassedOfACountIfClientsReadThem) {
  in_front_of(whole_answer(200, R"({"input_tokens":3})", "application/json", Fields)).start();

  const Message answer = told(post("/v1/messages/count_tokens", AnthropicRequest));

  EXPECT_EQ(answer.body, R"({"input_tokens":3})");
  expect_none_of_theirs(answer);
  expect_what_clients_read(answer);
}

TEST_F(AnswerFields, AreFewOfAConvertedAnswer) {
  in_front_of(whole_answer(200, AnthropicAnswer, "application/json", Fields)).start();

  const Message answer =
      told(ask({.client = Dialect::OpenAi, .upstream = Dialect::Anthropic, .shape = Shape::Whole}));

  EXPECT_EQ(answer.status(), 200);
  expect_none_of_theirs(answer);
}

TEST_F(AnswerFields, ArePassedOfWhatIsPassedOnWholeIfClientsReadThem) {
  for (const int status : {200, 429}) {
    in_front_of(whole_answer(status, R"({"object":"list"})", "application/json",
                             std::string(Fields) + "etag: e\r\ncontent-disposition: inline\r\n"))
        .config.default_provider = "open";
    gateway_->start();

    const Message answer = told(get("/v1/files"));

    EXPECT_EQ(answer.status(), status);
    expect_none_of_theirs(answer);
    expect_what_clients_read(answer);
    EXPECT_EQ(answer.field("etag"), "e");
    EXPECT_EQ(answer.field("content-disposition"), "inline");
  }
}

TEST_F(AnswerFields, LeadToNoOtherHostFromWhatWasMade) {
  in_front_of(whole_answer(201, "{}", "application/json", "location: /v1/files/f\r\n"))
      .config.default_provider = "open";
  gateway_->start();

  EXPECT_EQ(told(get("/v1/files/f")).field("location"), "/v1/files/f");
}

TEST_F(AnswerFields, AreMoreIfTheConfigurationNamesMore) {
  in_front_of(whole_answer(200, AnthropicAnswer, "application/json", Fields))
      .config.answer_headers = {"cf-*", "X-Odd"};
  gateway_->start();

  const Message answer = told(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(answer.field("cf-ray"), "abc");
  EXPECT_EQ(answer.field("x-odd"), "1");
  EXPECT_EQ(answer.field("server"), std::nullopt);
  EXPECT_EQ(answer.field("access-control-allow-origin"), std::nullopt);
}

}  // namespace
}  // namespace vdm::proxy::answer_fields_test
