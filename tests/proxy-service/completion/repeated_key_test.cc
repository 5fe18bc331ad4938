#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/proxy-service/completion/dialect_pairs.h"
#include "tests/proxy-service/serve/running_gateway.h"

// A provider that repeats our key in an error: the client does not read it, by whichever way the
// error comes.

namespace vdm::proxy::repeated_key_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;

constexpr std::string_view Key =
    "sk-provider-key-0123456789";  // RunningGateway's providers have it
constexpr std::string_view Other = "other-providers-key-77";
constexpr std::string_view Gateways = "the-gateways-key-88";

std::string answered_by(Dialect dialect) {
  return error_said(
      dialect, "api_error",
      "wrong: " + std::string(Key) + ", " + std::string(Other) + ", " + std::string(Gateways));
}

std::string event_by(Dialect dialect) {
  return error_event_said(
      dialect, "api_error",
      "wrong: " + std::string(Key) + ", " + std::string(Other) + ", " + std::string(Gateways));
}

class RepeatedKey : public ::testing::TestWithParam<Pair> {
 protected:
  /// The bytes that the provider sends to any request, by so many at once; 0: all.
  RunningGateway& in_front_of(std::string answer, std::size_t at_once = 0) {
    upstream_ = std::make_unique<FakeUpstream>([answer, at_once](Peer& peer, int) {
      while (peer.read_message().complete) {
        const std::size_t step = at_once == 0 ? answer.size() : at_once;
        for (std::size_t at = 0; at < answer.size(); at += step) {
          peer.send(std::string_view(answer).substr(at, step));
        }
      }
    });
    gateway_ = std::make_unique<RunningGateway>(upstream_->port());
    Provider other = provider_at("other", Dialect::OpenAi, upstream_->port());
    other.keys = {Secret(std::string(Other))};
    gateway_->config.providers.push_back(other);
    gateway_->config.access.proxy_api_key = Secret(std::string(Gateways));
    return *gateway_;
  }
  Message told(std::string text) {
    text.insert(text.find("\r\n") + 2, "x-vandamme-key: " + std::string(Gateways) + "\r\n");
    auto client = gateway_->client();
    client.send(text);
    return client.read_message();
  }
  static void expect_no_key(const Message& answer) {
    for (const std::string_view key : {Key, Other, Gateways}) {
      EXPECT_EQ(answer.body.find(key), std::string::npos) << answer.body;
      EXPECT_EQ(answer.head.find(key), std::string::npos) << answer.head;
    }
  }

  std::unique_ptr<FakeUpstream> upstream_;
  std::unique_ptr<RunningGateway> gateway_;
};

TEST_P(RepeatedKey, IsNotReadInAnErrorsStatus) {
  for (const int status : {400, 401, 403, 404, 429, 500, 503}) {
    in_front_of(whole_answer(status, answered_by(GetParam().upstream), "application/json",
                             "anthropic-note: " + std::string(Key) +
                                 "\r\nretry-after-ms: " + std::string(Key) +
                                 "\r\nx-request-id: " + std::string(Key) + "\r\n"))
        .start();

    const Message answer = told(ask(GetParam()));

    EXPECT_GE(answer.status(), 400);
    EXPECT_NE(answer.body.find("wrong"), std::string::npos) << answer.body;
    expect_no_key(answer);
  }
}

TEST_P(RepeatedKey, IsNotReadInAnErrorThatComesWithA200) {
  in_front_of(whole_answer(200, answered_by(GetParam().upstream))).start();

  const Message answer = told(ask(GetParam()));

  EXPECT_GE(answer.status(), 400);
  expect_no_key(answer);
}

TEST_P(RepeatedKey, IsNotReadInAStreamsFirstEvent) {
  in_front_of(fakes::stream_head() + fakes::chunk(event_by(GetParam().upstream)) + "0\r\n\r\n")
      .start();

  expect_no_key(told(ask(GetParam())));
}

TEST_P(RepeatedKey, IsNotReadInAStreamsLaterEventHoweverItIsCut) {
  if (!GetParam().streams()) GTEST_SKIP();
  const std::string event = event_by(GetParam().upstream);
  for (const std::size_t size : {event.size(), std::size_t{1}, std::size_t{17}}) {
    std::string chunks = fakes::stream_head() + fakes::chunk(stream_begin(GetParam().upstream));
    for (std::size_t at = 0; at < event.size(); at += size) {
      chunks += fakes::chunk(std::string_view(event).substr(at, size));
    }
    in_front_of(chunks + "0\r\n\r\n", size).start();

    const Message answer = told(ask(GetParam()));

    EXPECT_EQ(answer.status(), 200);
    EXPECT_NE(answer.body.find("wrong: *"), std::string::npos) << answer.body;
    expect_no_key(answer);
  }
}

INSTANTIATE_TEST_SUITE_P(Errors, RepeatedKey, ::testing::ValuesIn(all_pairs()),
                         [](const auto& info) { return name_of(info.param); });

using RepeatedKeyOfAnthropic = RepeatedKey;

TEST_F(RepeatedKeyOfAnthropic, IsNotReadInALargeErrorThatComesWithA200) {
  const std::string padding(40 * 1024, 'x');
  for (const std::string& body :
       {R"({"type":"error","padding":")" + padding +
            R"(","error":{"type":"api_error","message":")" + std::string(Key) + "\"}}",
        R"({"type":"error","error":{"type":"api_error","message":")" + padding + std::string(Key) +
            "\"}}"}) {
    in_front_of(whole_answer(200, body), 4099).start();

    const Message answer = told(post("/v1/messages", AnthropicRequest));

    EXPECT_EQ(answer.body.size(), body.size());
    expect_no_key(answer);
  }
}

TEST_F(RepeatedKeyOfAnthropic, IsNotReadInARefusedCount) {
  in_front_of(whole_answer(401, answered_by(Dialect::Anthropic))).start();

  const Message answer = told(post("/v1/messages/count_tokens", AnthropicRequest));

  EXPECT_EQ(answer.status(), 401);
  expect_no_key(answer);
}

TEST_F(RepeatedKeyOfAnthropic, IsNotReadInAFailedProbe) {
  in_front_of(whole_answer(401, answered_by(Dialect::Anthropic))).start();

  const Message answer = told(get("/test-connection?provider=anth&model=m"));

  EXPECT_EQ(answer.status(), 503);
  expect_no_key(answer);
}

TEST_F(RepeatedKeyOfAnthropic, IsLeftInWhatIsNoError) {
  const std::string body =
      R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":")" +
      std::string(Key) +
      R"("}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}})";
  in_front_of(whole_answer(200, body)).start();

  EXPECT_EQ(told(post("/v1/messages", AnthropicRequest)).body, body)
      << "an answer passes byte for byte";
}

}  // namespace
}  // namespace vdm::proxy::repeated_key_test
