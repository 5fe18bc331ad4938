#include "proxy-service/completion/token_count.h"

#include <future>

#include <gtest/gtest.h>

#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::token_count_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;
using std::chrono::milliseconds;

constexpr std::string_view Path = "/v1/messages/count_tokens";
constexpr std::string_view Counted = R"({"input_tokens":4711})";

std::string question(std::string_view model) {
  std::string body = R"({"model":")";
  return body.append(model).append(
      R"(","messages":[{"role":"user","content":"one two three four"}]})");
}

class TokenCountTest : public ::testing::Test {
 protected:
  /// What a client gets from a provider that answers like this.
  Message answer_behind(std::string upstream_answer, std::string_view body,
                        std::string_view path = Path) {
    FakeUpstream upstream(FakeUpstream::always(std::move(upstream_answer), &asked_));
    RunningGateway gateway(upstream.port());
    auto client = gateway.start().client();
    client.send(post(path, body, "anthropic-beta: token-counting\r\n"));
    Message answer = client.read_message();
    EXPECT_EQ(gateway.sink.all<Started>().size(), 0u) << "it is no completion";
    return answer;
  }

  std::vector<Message> asked_;
};

TEST_F(TokenCountTest, IsTheProvidersOwnWhereItHasOne) {
  const Message answer = answer_behind(
      whole_answer(200, Counted, "application/json", "x-request-id: theirs\r\nset-cookie: a=b\r\n"),
      question("anth:claude-x"), "/v1/messages/count_tokens?beta=true");

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, Counted);
  EXPECT_EQ(answer.field("x-vandamme-estimate"), std::nullopt);
  EXPECT_EQ(answer.field("x-upstream-request-id"), "theirs");
  EXPECT_EQ(answer.field("set-cookie"), std::nullopt);
  ASSERT_EQ(asked_.size(), 1u);
  EXPECT_EQ(asked_[0].first_line(), "POST /v1/messages/count_tokens?beta=true HTTP/1.1");
  EXPECT_EQ(asked_[0].body, question("claude-x"));
  EXPECT_EQ(asked_[0].field("anthropic-beta"), "token-counting");
  EXPECT_EQ(asked_[0].field("x-api-key"), "sk-provider-key-0123456789");
}

TEST_F(TokenCountTest, PassesOnWhatTheProviderRefusesItWith) {
  constexpr std::string_view Limited =
      R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"}})";

  const Message answer =
      answer_behind(whole_answer(429, Limited, "application/json", "retry-after: 7\r\n"),
                    question("anth:claude-x"));

  EXPECT_EQ(answer.status(), 429);
  EXPECT_EQ(answer.body, Limited);
  EXPECT_EQ(answer.field("retry-after"), "7");
}

TEST_F(TokenCountTest, IsAnEstimateWhereTheProviderDoesNotKnowTheQuestion) {
  for (const int status : {404, 405, 501}) {
    const Message answer = answer_behind(whole_answer(status, "{}"), question("anth:claude-x"));

    EXPECT_EQ(answer.status(), 200) << status;
    EXPECT_EQ(answer.field("x-vandamme-estimate"), "true");
    EXPECT_TRUE(answer.body.starts_with(R"({"input_tokens":)")) << answer.body;
  }
}

TEST_F(TokenCountTest, IsAnEstimateForTheOtherDialectWhichIsNotAsked) {
  const Message answer = answer_behind(whole_answer(200, Counted), question("open:gpt-4o"));

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.field("x-vandamme-estimate"), "true");
  // 18 characters, and 3 for the message.
  EXPECT_EQ(answer.body, R"({"input_tokens":8})");
  EXPECT_EQ(asked_.size(), 0u);
}

TEST_F(TokenCountTest, RefusesWhatNobodyCouldCount) {
  EXPECT_EQ(answer_behind(whole_answer(200, Counted), "[1,2").status(), 400);
  EXPECT_EQ(answer_behind(whole_answer(200, Counted), R"({"messages":[]})").status(), 400);
  EXPECT_EQ(answer_behind(whole_answer(302, "", "text/html", "location: http://x/\r\n"),
                          question("anth:claude-x"))
                .status(),
            502);
}

TEST(TokenCount, IsTakenBesideCompletionsOnOneConnection) {
  std::vector<Message> asked;
  FakeUpstream upstream([&asked](Peer& peer, int) {
    for (Message request = peer.read_message(); request.complete; request = peer.read_message()) {
      const bool counts = request.first_line().find("count_tokens") != std::string::npos;
      asked.push_back(std::move(request));
      peer.send(whole_answer(200, counts ? Counted : AnthropicAnswer));
    }
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  for (int i = 0; i < 3; ++i) {
    client.send(post(Path, question("anth:claude-x")));
    EXPECT_EQ(client.read_message().body, Counted);
    client.send(post("/v1/messages", question("anth:claude-x")));
    EXPECT_EQ(client.read_message().status(), 200);
  }

  ASSERT_EQ(asked.size(), 6u);
  EXPECT_EQ(asked[4].first_line(), "POST /v1/messages/count_tokens HTTP/1.1");
  EXPECT_EQ(asked[5].first_line(), "POST /v1/messages HTTP/1.1");
  EXPECT_EQ(upstream.connections(), 1);
}

TEST(TokenCount, ManyAtOnceAreAllAnswered) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, Counted)));
  RunningGateway gateway(upstream.port());
  gateway.start();
  std::vector<Peer> clients;
  for (int i = 0; i < 25; ++i) clients.push_back(gateway.client());

  for (Peer& client : clients) client.send(post(Path, question("anth:claude-x")));

  for (Peer& client : clients) EXPECT_EQ(client.read_message().body, Counted);
}

TEST(TokenCount, OfAClientThatLeavesClosesTheProvider) {
  std::promise<void> asked;
  std::promise<void> closed;
  FakeUpstream upstream([&](Peer& peer, int) {
    peer.read_message();
    asked.set_value();
    if (peer.sees_close_within(10'000)) closed.set_value();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();
  client.send(post(Path, question("anth:claude-x")));
  asked.get_future().wait();

  client.close();

  EXPECT_EQ(closed.get_future().wait_for(milliseconds(2000)), std::future_status::ready);
}

TEST(Probes, AreAnsweredWithoutAKey) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, "{}")));
  RunningGateway gateway(upstream.port());
  gateway.config.access.proxy_api_key = Secret("open-sesame");
  gateway.start();
  const auto head = [&gateway](std::string_view path, std::string_view fields = "") {
    auto client = gateway.client();
    client.send(std::string("HEAD ")
                    .append(path)
                    .append(" HTTP/1.1\r\nhost: localhost\r\n")
                    .append(fields)
                    .append("\r\n"));
    return client.read_message(true);
  };

  EXPECT_EQ(head("/api/hello").status(), 200);
  EXPECT_EQ(head("/").status(), 200);
  // Elsewhere a probe is told no more than a request would be.
  EXPECT_EQ(head("/v1/messages").status(), 401);
  const Message allowed = head("/v1/messages", "x-api-key: open-sesame\r\n");
  EXPECT_EQ(allowed.status(), 405);
  EXPECT_EQ(allowed.field("allow"), "POST");
}

}  // namespace
}  // namespace vdm::proxy::token_count_test
