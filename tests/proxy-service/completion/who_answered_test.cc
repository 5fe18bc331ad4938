// Who was asked and who answered: the two fields of an answer's head, and what the record says.
#include <gtest/gtest.h>

#include "proxy-service/completion/exchange.h"
#include "tests/proxy-service/serve/gateway_in_front.h"

namespace vdm::proxy::who_answered_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::whole_answer;

constexpr std::string_view AskedModel = "x";  // what ask() asks for

/// A good answer in which the provider names `model`.
std::string answer_naming(Dialect upstream, Shape shape, std::string_view model) {
  std::string answer = shape == Shape::Whole ? good_answer(upstream) : good_stream(upstream);
  const std::string own = R"("model":"x")";
  const std::string named = "\"model\":\"" + std::string(model) + "\"";
  for (std::size_t at = 0; (at = answer.find(own, at)) != std::string::npos; at += named.size()) {
    answer.replace(at, own.size(), named);
  }
  if (shape == Shape::Whole) return whole_answer(200, answer);
  return fakes::stream_head() + fakes::chunk(answer) + "0\r\n\r\n";
}

std::string provider_of(Dialect upstream) {
  return upstream == Dialect::Anthropic ? "anth" : "open";
}

class WhoAnsweredTest : public GatewayInFront, public ::testing::WithParamInterface<Pair> {
 protected:
  /// What the client is told when the provider answers so.
  Message answer_given(std::string answer) {
    upstream_ = std::make_unique<FakeUpstream>(FakeUpstream::always(std::move(answer)));
    in_front_of(upstream_->port()).start();
    return told(ask(GetParam()));
  }
  Dialect upstream() const { return GetParam().upstream; }

  std::unique_ptr<FakeUpstream> upstream_;
};

TEST_P(WhoAnsweredTest, TheHeadSaysWhichModelOfWhichProviderWasAsked) {
  const Message answer =
      answer_given(answer_naming(upstream(), GetParam().shape, "something-else"));

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.field("x-vandamme-provider"), provider_of(upstream()));
  EXPECT_EQ(answer.field("x-vandamme-model"), AskedModel);
}

TEST_P(WhoAnsweredTest, TheHeadOfAProvidersErrorSaysItToo) {
  const Message answer =
      answer_given(whole_answer(400, error_said(upstream(), "invalid_request_error", "no")));

  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.field("x-vandamme-provider"), provider_of(upstream()));
  EXPECT_EQ(answer.field("x-vandamme-model"), AskedModel);
}

TEST_P(WhoAnsweredTest, RecordsThatAnotherModelAnswered) {
  answer_given(answer_naming(upstream(), GetParam().shape, "cheaper-model"));

  const Ended ended = this->ended();
  EXPECT_EQ(ended.outcome, Outcome::Ok);
  EXPECT_EQ(ended.facts->resolved_model, AskedModel);
  EXPECT_EQ(answered_model(ended), "cheaper-model");
  EXPECT_TRUE(ended.model_mismatch);
}

TEST_P(WhoAnsweredTest, RecordsADatedNameAsTheSameModel) {
  const std::string dated = std::string(AskedModel) + "-20251001";
  answer_given(answer_naming(upstream(), GetParam().shape, dated));

  const Ended ended = this->ended();
  EXPECT_EQ(answered_model(ended), dated);
  EXPECT_FALSE(ended.model_mismatch);
}

TEST_P(WhoAnsweredTest, RecordsThatTheModelThatWasAskedAnswered) {
  answer_given(answer_naming(upstream(), GetParam().shape, AskedModel));

  const Ended ended = this->ended();
  EXPECT_EQ(answered_model(ended), AskedModel);
  EXPECT_TRUE(ended.answered_as_asked);
  EXPECT_FALSE(ended.model_mismatch);
}

INSTANTIATE_TEST_SUITE_P(Pairs, WhoAnsweredTest, ::testing::ValuesIn(all_pairs()),
                         [](const auto& test) { return name_of(test.param); });

class WhoWasAsked : public GatewayInFront {};

TEST_F(WhoWasAsked, IsToldWhileTheAnswerStillStreams) {
  fakes::SteppedUpstream upstream(
      {{.bytes = fakes::stream_head() + fakes::chunk(stream_begin(Dialect::OpenAi)),
        .then = fakes::Step::Then::Wait}});
  in_front_of(upstream.port());
  gateway_->config.providers[1].name = "open";
  gateway_->config.aliases.aliases.push_back(
      {.key = "aliases.big", .name = "big", .targets = {{"open:much-larger"}}});
  gateway_->start();
  auto client = gateway_->client();
  client.send(ask({Dialect::OpenAi, Dialect::OpenAi, Shape::Stream}, "big"));
  client.read_some();

  const auto progressed = gateway_->sink.wait_for<Progressed>(1);

  ASSERT_FALSE(progressed.empty());
  EXPECT_EQ(progressed[0].other_model, "x") << "what stream_begin() names";
}

TEST_F(WhoWasAsked, IsTheLastOfTheTargetsThatWereTried) {
  FakeUpstream first(FakeUpstream::always(refused(529)));
  FakeUpstream second(FakeUpstream::always(answer_naming(Dialect::OpenAi, Shape::Whole, "b")));
  in_front_of(first.port(), Dialect::Anthropic, second.port(), Dialect::OpenAi);
  gateway_->start();

  const Message answer = told(ask({}, "m"));

  EXPECT_EQ(answer.field("x-vandamme-provider"), "second");
  EXPECT_EQ(answer.field("x-vandamme-model"), "b");
  const Ended ended = this->ended();
  EXPECT_TRUE(ended.answered_as_asked) << "of the second";
  ASSERT_EQ(ended.attempts.size(), 2u);
  EXPECT_EQ(ended.attempts[0].error_type, "http_529") << "why there was another";
}

TEST_F(WhoWasAsked, IsSaidWhenTheProviderCannotBeReached) {
  in_front_of(1).start();  // nothing listens there

  const Message answer = told(ask({}));

  EXPECT_EQ(answer.status(), 502);
  EXPECT_EQ(answer.field("x-vandamme-provider"), "anth");
  EXPECT_EQ(answer.field("x-vandamme-model"), AskedModel);
}

TEST_F(WhoWasAsked, IsNotSaidOfARequestThatNobodyWasAskedFor) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer)));
  in_front_of(upstream.port()).start();
  auto client = gateway_->client();

  client.send(ask({}));
  EXPECT_NE(client.read_message().field("x-vandamme-model"), std::nullopt);
  client.send(get("/health/ready"));
  EXPECT_EQ(client.read_message().field("x-vandamme-model"), std::nullopt);
  client.send(post("/v1/messages", "{}"));
  const Message refused = client.read_message();

  EXPECT_EQ(refused.status(), 400);
  EXPECT_EQ(refused.field("x-vandamme-model"), std::nullopt);
  EXPECT_EQ(refused.field("x-vandamme-provider"), std::nullopt);
}

TEST_F(WhoWasAsked, IsForThisGatewayToSayWhenTheProviderIsOneToo) {
  const std::string fields =
      "x-vandamme-provider: theirs\r\nX-Vandamme-Model: theirs\r\nopenai-model: kept\r\n";
  FakeUpstream upstream(
      FakeUpstream::always(whole_answer(200, AnthropicAnswer, "application/json", fields)));
  in_front_of(upstream.port()).start();

  const Message answer = told(ask({}));

  EXPECT_EQ(answer.head.find("theirs"), std::string::npos) << answer.head;
  EXPECT_EQ(answer.field("openai-model"), "kept");
}

TEST_F(WhoWasAsked, CannotBreakTheHeadWhateverTheModelIsCalled) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer)));
  in_front_of(upstream.port()).start();

  const Message answer = told(
      post("/v1/messages", R"({"model":"anth:a\r\nset-cookie: b","max_tokens":1,"messages":[]})"));

  EXPECT_EQ(answer.status(), 400) << "no model's name has control characters";
  EXPECT_EQ(answer.field("set-cookie"), std::nullopt);
}

TEST_F(WhoWasAsked, IsRecordedWithWhatItWasShown) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer)));
  in_front_of(upstream.port());
  Provider own = provider_at("own", Dialect::Anthropic, upstream.port());
  own.auth = AuthMode::ClientKey;
  own.keys.clear();
  Provider open = provider_at("none", Dialect::Anthropic, upstream.port());
  open.auth = AuthMode::None;
  gateway_->config.providers.push_back(own);
  gateway_->config.providers.push_back(open);
  gateway_->start();
  const auto ask_for = [](std::string_view model) {
    return post("/v1/messages",
                R"({"model":")" + std::string(model) + R"(","max_tokens":1,"messages":[]})",
                "x-api-key: mine\r\n");
  };

  for (const char* model : {"anth:m", "own:m", "none:m"}) told(ask_for(model));

  const auto all = gateway_->sink.wait_for<Ended>(3);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].facts->credential, Credential::Key);
  EXPECT_EQ(all[1].facts->credential, Credential::ClientKey);
  EXPECT_EQ(all[2].facts->credential, Credential::None);
}

}  // namespace
}  // namespace vdm::proxy::who_answered_test
