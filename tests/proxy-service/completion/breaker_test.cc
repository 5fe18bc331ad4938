#include "tests/proxy-service/serve/gateway_in_front.h"

namespace vdm::proxy::breaker_test {
namespace {

using fakes::Message;
using fakes::SteppedUpstream;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Then = fakes::Step::Then;

class Breaker : public GatewayInFront {
 protected:
  /// Opens after four failures, for so long.
  RunningGateway& opening_for(milliseconds time) {
    gateway_->config.breaker = {
        .failure_percent = 50, .calls_min = 4, .open = time, .open_max = time, .probes = 1};
    return *gateway_;
  }
};

TEST_F(Breaker, OpensAfterFailuresAndSaysSoInTheClientsDialect) {
  SteppedUpstream upstream({{refused(500)}});
  in_front_of(upstream.port());
  opening_for(seconds(60)).start();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(told(ask(Same)).status(), 500);

  for (const Dialect client : {Dialect::Anthropic, Dialect::OpenAi}) {
    const Message answer = told(ask(Pair{client, Dialect::Anthropic, Shape::Whole}));
    EXPECT_EQ(answer.status(), 503);
    EXPECT_EQ(error_type_in(client, answer.body), "overloaded_error");
    const int after = std::stoi(answer.field("retry-after").value_or("0"));
    EXPECT_GE(after, 29) << "up to half is chance's";
    EXPECT_LE(after, 60);
  }
  EXPECT_EQ(upstream.asked().size(), 4u);
  const auto ends = gateway_->sink.wait_for<Ended>(6);
  EXPECT_EQ(ends.at(5).error_type, "breaker_open");
  EXPECT_EQ(ends.at(5).attempts.size(), 0u);
}

TEST_F(Breaker, LetsAProbeThroughAndClosesAgain) {
  SteppedUpstream upstream(
      {{refused(500)}, {refused(500)}, {refused(500)}, {refused(500)}, well(Dialect::Anthropic)});
  in_front_of(upstream.port());
  opening_for(milliseconds(700)).start();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(told(ask(Same)).status(), 500);

  int refusals = 0;
  while (told(ask(Same)).status() == 503) ++refusals;

  EXPECT_GT(refusals, 0);
  EXPECT_EQ(upstream.asked().size(), 5u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(told(ask(Same)).status(), 200);
}

TEST_F(Breaker, IsNotOpenedByWhatAClientGotWrong) {
  SteppedUpstream upstream({{refused(400)}});
  in_front_of(upstream.port());
  opening_for(seconds(60)).start();

  for (int i = 0; i < 10; ++i) EXPECT_EQ(told(ask(Same)).status(), 400);

  EXPECT_EQ(upstream.asked().size(), 10u);
}

TEST_F(Breaker, IsOpenedByStreamsThatBreakOffAfterTheirFirstToken) {
  for (const Pair& pair : all_pairs()) {
    if (!pair.streams()) continue;
    SCOPED_TRACE(name_of(pair));
    SteppedUpstream upstream(
        {{fakes::stream_head() + fakes::chunk(stream_begin(pair.upstream)), Then::Close}});
    in_front_of(upstream.port());
    opening_for(seconds(60)).start();

    for (int i = 0; i < 4; ++i) {
      const Message answer = told(ask(pair));
      EXPECT_EQ(answer.status(), 200);
      EXPECT_EQ(errors_in(pair.client, answer.body), 1u);
    }

    EXPECT_EQ(told(ask(pair)).status(), 503);
    EXPECT_EQ(upstream.asked().size(), 4u);
  }
}

TEST_F(Breaker, IsOpenedByErrorsOfTheProvidersOwnInStreams) {
  const std::string busy = error_event_said(Dialect::Anthropic, "overloaded_error", "busy");
  SteppedUpstream upstream(
      {{fakes::stream_head() + fakes::chunk(stream_begin(Dialect::Anthropic) + busy) +
        std::string(http1::LastChunk)}});
  in_front_of(upstream.port());
  opening_for(seconds(60)).start();

  for (int i = 0; i < 4; ++i) EXPECT_EQ(told(ask(SameStream)).status(), 200);

  EXPECT_EQ(told(ask(SameStream)).status(), 503);
}

TEST_F(Breaker, IsNotOpenedByStreamsThatGoWell) {
  SteppedUpstream upstream({well(Dialect::Anthropic, Shape::Stream)});
  in_front_of(upstream.port());
  opening_for(seconds(60)).start();

  for (int i = 0; i < 10; ++i) EXPECT_EQ(told(ask(SameStream)).status(), 200);
}

TEST_F(Breaker, IsNotOpenedByRateLimitsThatEndStreams) {
  const std::string opening = stream_begin(Dialect::Anthropic);
  const std::string limit = error_event_said(Dialect::Anthropic, "rate_limit_error", "slow down");
  SteppedUpstream upstream(
      {{fakes::stream_head() + fakes::chunk(opening.substr(0, opening.find("\n\n") + 2) + limit) +
        std::string(http1::LastChunk)}});
  in_front_of(upstream.port());
  opening_for(seconds(60)).start();

  for (int i = 0; i < 10; ++i) EXPECT_EQ(told(ask(SameStream)).status(), 429);

  EXPECT_EQ(upstream.asked().size(), 10u);
}

TEST_F(Breaker, IsNotOpenedByRateLimitsInTheMiddleOfStreams) {
  const std::string limit = error_event_said(Dialect::Anthropic, "rate_limit_error", "slow down");
  SteppedUpstream upstream(
      {{fakes::stream_head() + fakes::chunk(stream_begin(Dialect::Anthropic) + limit) +
        std::string(http1::LastChunk)}});
  in_front_of(upstream.port());
  opening_for(seconds(60)).start();

  for (int i = 0; i < 10; ++i) EXPECT_EQ(told(ask(SameStream)).status(), 200);
}

TEST_F(Breaker, IsNotOpenedByClientsThatLeave) {
  SteppedUpstream upstream({{"", Then::Wait},
                            {"", Then::Wait},
                            {"", Then::Wait},
                            {"", Then::Wait},
                            {"", Then::Wait},
                            well(Dialect::Anthropic)});
  in_front_of(upstream.port());
  opening_for(seconds(60)).start();

  for (std::size_t i = 1; i <= 5; ++i) {
    auto client = gateway_->client();
    client.send(ask(Same));
    ASSERT_TRUE(upstream.is_asked(i));
    client.close();
    EXPECT_EQ(gateway_->sink.wait_for<Ended>(i).back().outcome, Outcome::ClientCancelled);
  }

  EXPECT_EQ(told(ask(Same)).status(), 200);
}

TEST_F(Breaker, LeavesTheFailedAttemptBeforeAnUntriedTargetAsItIs) {
  SteppedUpstream first({{refused(503)}});
  SteppedUpstream second({{refused(500)}});
  in_front_of(first.port(), Dialect::Anthropic, second.port(), Dialect::Anthropic);
  opening_for(seconds(60)).start();
  for (int i = 0; i < 4; ++i) told(ask(Same, "second:b"));

  EXPECT_EQ(told(ask(Same, "m")).status(), 503);

  const Ended end = gateway_->sink.wait_for<Ended>(5).at(4);
  ASSERT_EQ(end.attempts.size(), 1u);
  EXPECT_EQ(end.attempts[0].provider, "first");
  EXPECT_EQ(end.attempts[0].error_type, "http_503");
}

}  // namespace
}  // namespace vdm::proxy::breaker_test
