#include <gmock/gmock.h>

#include "tests/proxy-service/serve/gateway_in_front.h"

// A provider refuses a member of a request: it is asked once more without.

namespace vdm::proxy::adapt_test {
namespace {

using fakes::Message;
using fakes::Step;
using fakes::SteppedUpstream;
using fakes::whole_answer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Pair ToChat{Dialect::Anthropic, Dialect::OpenAi, Shape::Whole};
constexpr Pair Chat{Dialect::OpenAi, Dialect::OpenAi, Shape::Whole};

Step refuses(std::string_view member) {
  return {whole_answer(400,
                       R"({"error":{"message":"Unsupported parameter: ')" + std::string(member) +
                           R"(' is not supported with this model.","param":")" +
                           std::string(member) + R"(","code":"unsupported_parameter"}})",
                       "application/json", "x-ratelimit-remaining: 7\r\n")};
}

std::string with_stop(Dialect client) {
  const bool anthropic = client == Dialect::Anthropic;
  return post(anthropic ? "/v1/messages" : "/v1/chat/completions",
              std::string(R"({"model":"m","max_tokens":9,")") +
                  (anthropic ? "stop_sequences" : "stop") +
                  R"(":["END"],"messages":[{"role":"user","content":"Hi"}]})");
}

class Adapting : public GatewayInFront {
 protected:
  RunningGateway& before(SteppedUpstream& upstream) {
    gateway_ = std::make_unique<RunningGateway>();
    gateway_->config.providers = {provider_at("p", Dialect::OpenAi, upstream.port())};
    return settle();
  }
};

TEST_F(Adapting, AsksOnceMoreWithoutTheRefusedMember) {
  SteppedUpstream upstream({refuses("stop"), well(Dialect::OpenAi)});
  before(upstream).start();

  EXPECT_EQ(told(with_stop(Dialect::Anthropic)).status(), 200);

  ASSERT_EQ(upstream.asked().size(), 2u);
  EXPECT_THAT(upstream.asked()[0].body, HasSubstr(R"("stop":["END"])"));
  EXPECT_THAT(upstream.asked()[1].body, Not(HasSubstr("stop")));
  const Ended end = ended();
  EXPECT_EQ(end.outcome, Outcome::Ok);
  ASSERT_EQ(end.attempts.size(), 2u);
  EXPECT_EQ(end.attempts[0].error_type, "refused_stop");
  EXPECT_EQ(end.attempts[0].http_status, 400u);
  EXPECT_EQ(end.attempts[1].error_type, "");
}

TEST_F(Adapting, RemembersItForTheNextRequest) {
  SteppedUpstream upstream({refuses("stop"), well(Dialect::OpenAi)});
  before(upstream).start();
  told(with_stop(Dialect::Anthropic));

  EXPECT_EQ(told(with_stop(Dialect::Anthropic)).status(), 200);

  ASSERT_EQ(upstream.asked().size(), 3u) << "one refusal taught it";
  EXPECT_THAT(upstream.asked()[2].body, Not(HasSubstr("stop")));
}

TEST_F(Adapting, AsksOnceMoreOnly) {
  SteppedUpstream upstream({refuses("stop"), refuses("max_tokens")});
  before(upstream).start();

  const Message answer = told(with_stop(Dialect::Anthropic));

  EXPECT_EQ(answer.status(), 400);
  EXPECT_THAT(answer.body, HasSubstr("Unsupported parameter: 'max_tokens'"));
  EXPECT_EQ(upstream.asked().size(), 2u);
}

TEST_F(Adapting, PassesAnErrorAboutSomethingElseOn) {
  SteppedUpstream upstream({{whole_answer(400, R"({"error":{"message":"no such city"}})")}});
  before(upstream).start();

  const Message answer = told(with_stop(Dialect::Anthropic));

  EXPECT_EQ(answer.status(), 400);
  EXPECT_THAT(answer.body, HasSubstr("no such city"));
  EXPECT_EQ(upstream.asked().size(), 1u);
  EXPECT_EQ(ended().outcome, Outcome::UpstreamError);
}

TEST_F(Adapting, LeavesAClientsOwnBytesAlone) {
  SteppedUpstream upstream({refuses("stop"), well(Dialect::OpenAi)});
  before(upstream).start();

  const Message answer = told(with_stop(Dialect::OpenAi));

  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(upstream.asked().size(), 1u);
}

TEST_F(Adapting, TakesBackWhatTheProxyAddedToAClientsBytes) {
  SteppedUpstream upstream({refuses("stream_options"), well(Dialect::OpenAi, Shape::Stream)});
  before(upstream).start();

  const Message answer =
      told(post("/v1/chat/completions",
                R"({"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]})"));

  EXPECT_EQ(answer.status(), 200);
  ASSERT_EQ(upstream.asked().size(), 2u);
  EXPECT_THAT(upstream.asked()[0].body, HasSubstr("stream_options"));
  EXPECT_THAT(upstream.asked()[1].body, Not(HasSubstr("stream_options")));
}

TEST_F(Adapting, KeepsTheProvidersHeadOfARefusalThatTeachesNothing) {
  SteppedUpstream upstream({refuses("messages")});
  before(upstream).start();

  const Message answer =
      told(post("/v1/chat/completions",
                R"({"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]})"));

  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.field("x-ratelimit-remaining"), "7");
  EXPECT_THAT(answer.body, HasSubstr("Unsupported parameter: 'messages'"));
}

TEST_F(Adapting, ChangesAClientsOwnBytesWhenTheOperatorAsksForIt) {
  SteppedUpstream upstream({refuses("stop"), well(Dialect::OpenAi)});
  before(upstream).config.adapt = Adapt::Always;
  gateway_->start();

  EXPECT_EQ(told(with_stop(Dialect::OpenAi)).status(), 200);
  EXPECT_EQ(told(with_stop(Dialect::OpenAi)).status(), 200);

  ASSERT_EQ(upstream.asked().size(), 3u);
  EXPECT_THAT(upstream.asked()[1].body, Not(HasSubstr("stop")));
  EXPECT_THAT(upstream.asked()[2].body, Not(HasSubstr("stop")));
}

TEST_F(Adapting, CanBeSwitchedOff) {
  SteppedUpstream upstream({refuses("stop"), well(Dialect::OpenAi)});
  before(upstream).config.adapt = Adapt::Never;
  gateway_->start();

  EXPECT_EQ(told(with_stop(Dialect::Anthropic)).status(), 400);
  EXPECT_EQ(upstream.asked().size(), 1u);
}

}  // namespace
}  // namespace vdm::proxy::adapt_test
