#include "proxy-service/completion/exchange.h"

#include <gtest/gtest.h>

#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::exchange_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::whole_answer;

TEST(Exchange, PassesAnOpenAiCompletionThroughByteForByte) {
  std::vector<Message> asked;
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, OpenAiAnswer), &asked));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/chat/completions", OpenAiRequest));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, OpenAiAnswer);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].first_line(), "POST /v1/chat/completions HTTP/1.1");
  EXPECT_EQ(asked[0].field("authorization"), "Bearer sk-provider-key-0123456789");
  EXPECT_EQ(asked[0].body, R"({"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]})");
}

TEST(Exchange, PassesAnAnthropicMessageThroughByteForByte) {
  std::vector<Message> asked;
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer), &asked));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages?beta=true", AnthropicRequest, "anthropic-beta: tools-1\r\n"));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, AnthropicAnswer);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].first_line(), "POST /v1/messages?beta=true HTTP/1.1");
  EXPECT_EQ(asked[0].field("x-api-key"), "sk-provider-key-0123456789");
  EXPECT_EQ(asked[0].field("anthropic-version"), "2023-06-01");
  EXPECT_EQ(asked[0].field("anthropic-beta"), "tools-1");
  EXPECT_EQ(
      asked[0].body,
      R"({"model":"claude-x","max_tokens":16,"messages":[{"role":"user","content":"hello"}]})");
}

TEST(Exchange, ReportsWhatWasUsed) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer)));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest, "user-agent: test/1\r\n"));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  ASSERT_EQ(gateway.sink.all<Started>().size(), 1u);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::Ok);
  EXPECT_EQ(ended[0].http_status, 200u);
  EXPECT_EQ(ended[0].usage.input_tokens, 9u);
  EXPECT_EQ(ended[0].usage.output_tokens, 3u);
  EXPECT_EQ(ended[0].finish_reason, "end_turn");
  EXPECT_EQ(ended[0].facts->request_id, answer.field("x-request-id"));
  EXPECT_EQ(ended[0].facts->requested_model, "anth:claude-x");
  EXPECT_EQ(ended[0].facts->resolved_model, "claude-x");
  EXPECT_EQ(ended[0].facts->provider, "anth");
  EXPECT_EQ(ended[0].facts->user_agent, "test/1");
  EXPECT_EQ(ended[0].facts->message_count, 1u);
  ASSERT_EQ(ended[0].attempts.size(), 1u);
  EXPECT_EQ(ended[0].attempts[0].http_status, 200u);
}

TEST(Exchange, SendsTheModelThatAnAliasStandsFor) {
  std::vector<Message> asked;
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer), &asked));
  RunningGateway gateway(upstream.port());
  gateway.config.aliases.aliases.push_back({.key = "ANTH_ALIAS_CLAUDE_X",
                                            .name = "claude-x",
                                            .scope = Alias::Scope::Provider,
                                            .provider = "anth",
                                            .targets = {{"claude-y"}}});
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  ASSERT_EQ(asked.size(), 1u);
  EXPECT_NE(asked[0].body.find(R"("model":"claude-y")"), std::string::npos);
  EXPECT_EQ(ended.at(0).facts->requested_model, "anth:claude-x");
  EXPECT_EQ(ended.at(0).facts->resolved_model, "claude-y");
}

}  // namespace
}  // namespace vdm::proxy::exchange_test
