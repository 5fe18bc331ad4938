#include "proxy-service/completion/attempts.h"

#include "tests/proxy-service/serve/gateway_in_front.h"

// What is done about a failed attempt: the same way again, another key, another target.

namespace vdm::proxy::attempts_test {
namespace {

using fakes::chunk;
using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::Step;
using fakes::SteppedUpstream;
using fakes::stream_head;
using fakes::whole_answer;
using std::chrono::milliseconds;
using Then = Step::Then;

class Attempts : public GatewayInFront {};

void expect_in_order(const Ended& ended) {
  Micros last{0};
  for (const Attempt& attempt : ended.attempts) {
    EXPECT_LE(last, attempt.started_after);
    EXPECT_LE(attempt.started_after, attempt.ended_after);
    if (attempt.first_byte_after.count() > 0) {
      EXPECT_LE(attempt.started_after, attempt.connected_after);
      EXPECT_LE(attempt.connected_after, attempt.first_byte_after);
      EXPECT_LE(attempt.first_byte_after, attempt.ended_after);
    }
    last = attempt.ended_after;
  }
  EXPECT_LE(last, ended.duration);
}

// The same way again.

TEST_F(Attempts, GoesOnAfterEachFaultThatMayPass) {
  SteppedUpstream upstream({{"", Then::Reset},
                            {"", Then::Close},
                            {refused(500)},
                            {refused(503)},
                            well(Dialect::Anthropic)});
  in_front_of(upstream.port());
  with_retries(4).start();

  const Message answer = told(ask(Same));

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, good_answer(Dialect::Anthropic));
  const Ended end = ended();
  ASSERT_EQ(end.attempts.size(), 5u);
  EXPECT_EQ(end.attempts[0].error_type, "upstream_error");
  EXPECT_EQ(end.attempts[2].http_status, 500u);
  EXPECT_EQ(end.attempts[2].error_type, "http_500");
  EXPECT_EQ(end.attempts[3].error_type, "http_503");
  EXPECT_EQ(end.attempts[4].http_status, 200u);
  EXPECT_EQ(end.attempts[4].error_type, "");
  expect_in_order(end);
}

TEST_F(Attempts, TriesARefusedConnectionAgain) {
  std::uint16_t closed = 0;
  {
    closed = FakeUpstream([](Peer&, int) {}).port();
  }
  in_front_of(closed);
  with_retries(2).start();

  EXPECT_EQ(told(ask(Same)).status(), 502);
  EXPECT_EQ(ended().attempts.size(), 3u);
}

TEST_F(Attempts, WaitsAsLongAsTheProviderSays) {
  SteppedUpstream upstream({{refused(503, "retry-after: 0.3\r\n")}, well(Dialect::Anthropic)});
  in_front_of(upstream.port());
  with_retries(1).start();

  EXPECT_EQ(told(ask(Same)).status(), 200);
  const Ended end = ended();
  ASSERT_EQ(end.attempts.size(), 2u);
  EXPECT_GE(end.attempts[1].started_after - end.attempts[0].ended_after, milliseconds(300));
}

TEST_F(Attempts, DoesNotWaitLongerThanItsLimit) {
  SteppedUpstream upstream({{refused(429, "retry-after: 3\r\n")}});
  in_front_of(upstream.port()).config.retry.retry_after_max = milliseconds(2'000);
  with_retries(2).start();

  const Message answer = told(ask(Same));

  EXPECT_EQ(answer.status(), 429);
  EXPECT_EQ(answer.field("retry-after"), "3");
  EXPECT_EQ(upstream.asked().size(), 1u);
}

TEST_F(Attempts, EndsWhenTheBudgetIsSpent) {
  SteppedUpstream upstream({{refused(500)}});
  in_front_of(upstream.port()).config.retry.budget_burst = 3;
  with_retries(2).start();

  for (int i = 0; i < 4; ++i) EXPECT_EQ(told(ask(Same)).status(), 500);

  // Four requests, and three retries: what they paid in is less than one.
  EXPECT_EQ(upstream.asked().size(), 7u);
}

TEST_F(Attempts, AreNoneAfterTheClientsFirstByte) {
  SteppedUpstream upstream({{stream_head() + chunk(stream_begin(Dialect::Anthropic)), Then::Close},
                            well(Dialect::Anthropic, Shape::Stream)});
  in_front_of(upstream.port());
  with_retries(2).start();

  const Message answer = told(ask(SameStream));

  EXPECT_EQ(errors_in(Dialect::Anthropic, answer.body), 1u);
  EXPECT_EQ(upstream.asked().size(), 1u);
}

// Another key.

TEST_F(Attempts, TakeTheNextKeyAndLetTheRefusedOneRest) {
  for (const int status : {401, 403, 429}) {
    SteppedUpstream upstream({{refused(status)}, well(Dialect::Anthropic)});
    in_front_of(upstream.port());
    with_keys({"key-one", "key-two"}).start();

    EXPECT_EQ(told(ask(Same)).status(), 200);
    EXPECT_EQ(told(ask(Same)).status(), 200);

    const auto asked = upstream.asked();
    ASSERT_EQ(asked.size(), 3u);
    EXPECT_EQ(asked[0].field("x-api-key"), "key-one");
    EXPECT_EQ(asked[1].field("x-api-key"), "key-two");
    EXPECT_EQ(asked[2].field("x-api-key"), "key-two");
  }
}

TEST_F(Attempts, PassOnTheRefusalOfTheLastKey) {
  for (const Dialect client : {Dialect::Anthropic, Dialect::OpenAi}) {
    SteppedUpstream upstream({{refused(401)}});
    in_front_of(upstream.port());
    with_keys({"key-one", "key-two", "key-three"}).start();

    const Message answer = told(ask(Pair{client, Dialect::Anthropic, Shape::Whole}));

    EXPECT_EQ(answer.status(), 401);
    EXPECT_NE(error_type_in(client, answer.body), "");
    EXPECT_EQ(upstream.asked().size(), 3u);
  }
}

TEST_F(Attempts, LeaveAProviderAloneWhoseKeysAllRest) {
  SteppedUpstream first({{refused(429)}});
  SteppedUpstream second({well(Dialect::Anthropic)});
  in_front_of(first.port(), Dialect::Anthropic, second.port(), Dialect::Anthropic).start();

  EXPECT_EQ(told(ask(Same, "m")).status(), 200);
  EXPECT_EQ(told(ask(Same, "m")).status(), 200);

  EXPECT_EQ(first.asked().size(), 1u);
  EXPECT_EQ(second.asked().size(), 2u);
}

// A rate limit told in an answer that has begun with 200.

/// As each dialect's own provider says it in a stream.
std::string rate_limit(Dialect upstream) {
  if (upstream == Dialect::Anthropic) {
    return error_event_said(upstream, "rate_limit_error", "slow down");
  }
  return "data: "
         R"({"error":{"message":"slow down","type":"tokens","code":"rate_limit_exceeded"}})"
         "\n\n";
}

/// Which of key-one and key-two it was asked with.
std::vector<std::string> keys_shown(const SteppedUpstream& upstream) {
  std::vector<std::string> keys;
  for (const Message& message : upstream.asked()) {
    const auto bearer = message.field("authorization");
    keys.push_back(bearer ? bearer->substr(7) : message.field("x-api-key").value_or(""));
  }
  return keys;
}

using Keys = std::vector<std::string>;

TEST_F(Attempts, TakeTheNextKeyWhenAStreamBeginsWithARateLimit) {
  for (const Pair& pair : all_pairs()) {
    if (!pair.streams()) continue;
    SCOPED_TRACE(name_of(pair));
    const std::string last(http1::LastChunk);
    SteppedUpstream upstream({{stream_head() + chunk(rate_limit(pair.upstream)) + last},
                              well(pair.upstream, Shape::Stream)});
    in_front_of(upstream.port());
    with_keys({"key-one", "key-two"}).start();

    for (int i = 0; i < 2; ++i) {
      const Message answer = told(ask(pair));
      EXPECT_EQ(answer.status(), 200);
      EXPECT_TRUE(ends_well(pair.client, answer.body)) << answer.body;
    }

    EXPECT_EQ(keys_shown(upstream), (Keys{"key-one", "key-two", "key-two"}));
  }
}

TEST_F(Attempts, TakeTheNextKeyWhenAWholeAnswerIsARateLimit) {
  for (const Pair& pair : converting_pairs()) {
    if (pair.streams()) continue;
    SCOPED_TRACE(name_of(pair));
    SteppedUpstream upstream(
        {{whole_answer(200, error_said(pair.upstream, "rate_limit_error", "slow down"))},
         well(pair.upstream)});
    in_front_of(upstream.port());
    with_keys({"key-one", "key-two"}).start();

    for (int i = 0; i < 2; ++i) EXPECT_EQ(told(ask(pair)).status(), 200);

    EXPECT_EQ(keys_shown(upstream), (Keys{"key-one", "key-two", "key-two"}));
  }
}

TEST_F(Attempts, PassOnARateLimitThatBeginsEveryStreamAsItsStatus) {
  for (const Pair& pair : all_pairs()) {
    if (!pair.streams()) continue;
    SCOPED_TRACE(name_of(pair));
    const std::string last(http1::LastChunk);
    SteppedUpstream upstream({{stream_head() + chunk(rate_limit(pair.upstream)) + last}});
    in_front_of(upstream.port()).start();

    const Message answer = told(ask(pair));

    EXPECT_EQ(answer.status(), 429);
    EXPECT_NE(error_type_in(pair.client, answer.body), "");
    EXPECT_EQ(ended().http_status, 429u);
  }
}

TEST_F(Attempts, LetAKeyRestThatIsRateLimitedInTheMiddleOfAStream) {
  for (const Pair& pair : all_pairs()) {
    if (!pair.streams()) continue;
    SCOPED_TRACE(name_of(pair));
    const std::string broken = stream_begin(pair.upstream) + rate_limit(pair.upstream);
    SteppedUpstream upstream({{stream_head() + chunk(broken) + std::string(http1::LastChunk)},
                              well(pair.upstream, Shape::Stream)});
    in_front_of(upstream.port());
    with_keys({"key-one", "key-two"}).start();

    const Message answer = told(ask(pair));
    for (int i = 0; i < 2; ++i) EXPECT_EQ(told(ask(pair)).status(), 200);

    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(errors_in(pair.client, answer.body), 1u);
    EXPECT_FALSE(says_end(pair.client, answer.body));
    EXPECT_EQ(keys_shown(upstream), (Keys{"key-one", "key-two", "key-two"}));
  }
}

TEST_F(Attempts, TryTheNextKeyWhenARateLimitComesInA200) {
  SteppedUpstream upstream(
      {{whole_answer(200, error_said(Same.upstream, "rate_limit_error", "slow down"))},
       well(Same.upstream)});
  in_front_of(upstream.port());
  with_keys({"key-one", "key-two"}).start();

  for (int i = 0; i < 3; ++i) EXPECT_EQ(told(ask(Same)).status(), 200);

  EXPECT_EQ(keys_shown(upstream), (Keys{"key-one", "key-two", "key-two", "key-two"}));
}

// Another target.

struct Failing {
  std::string name;
  Step step;
  std::string error_type;
  unsigned http_status;
  milliseconds UpstreamTimeouts::*late = nullptr;
};

std::vector<Failing> failing(Dialect dialect) {
  const std::string begin = stream_begin(dialect);
  const std::string ping = dialect == Dialect::Anthropic
                               ? begin.substr(0, begin.find("\n\n") + 2)
                               : std::string("data: {\"choices\":[]}\n\n");
  const std::string last(http1::LastChunk);
  const std::string busy = error_event_said(dialect, "overloaded_error", "busy");
  return {{"503", {refused(503)}, "http_503", 503},
          {"reset", {"", Then::Reset}, "upstream_error", 0},
          {"no first byte", {"", Then::Wait}, "upstream_timeout", 0, &UpstreamTimeouts::first_byte},
          {"late token",
           {stream_head() + chunk(ping), Then::Wait},
           "upstream_timeout",
           200,
           &UpstreamTimeouts::first_token},
          {"empty", {stream_head() + last}, "upstream_error", 200},
          {"nothing but a beginning", {stream_head() + chunk(ping) + last}, "upstream_error", 200},
          {"error first", {stream_head() + chunk(busy) + last}, "overloaded_error", 200},
          {"error second", {stream_head() + chunk(ping + busy) + last}, "overloaded_error", 200}};
}

TEST_F(Attempts, FallBackToTheNextTargetWhateverItsDialect) {
  for (const Pair& pair : all_pairs()) {
    if (!pair.streams()) continue;
    const Dialect other = pair.upstream;
    for (const Failing& fails : failing(pair.client)) {
      SCOPED_TRACE(fails.name + " " + name_of(pair));
      SteppedUpstream first({fails.step});
      SteppedUpstream second({well(other, Shape::Stream)});
      in_front_of(first.port(), pair.client, second.port(), other);
      UpstreamTimeouts& timeouts = gateway_->config.providers[0].timeouts;
      if (fails.late != nullptr) timeouts.*fails.late = milliseconds(150);
      gateway_->start();

      const Message answer = told(ask(pair, "m"));

      EXPECT_EQ(answer.status(), 200);
      EXPECT_TRUE(ends_well(pair.client, answer.body)) << answer.body;
      EXPECT_EQ(reported_in(pair, answer.body).text, "Hello there");
      const Ended end = ended();
      EXPECT_EQ(end.outcome, Outcome::Ok);
      EXPECT_EQ(end.facts->provider, "second");
      EXPECT_EQ(end.facts->resolved_model, "b");
      EXPECT_EQ(end.facts->upstream_dialect, other);
      EXPECT_EQ(end.usage.input_tokens, 9u);
      EXPECT_EQ(end.usage.output_tokens, 5u);
      ASSERT_EQ(end.attempts.size(), 2u);
      EXPECT_EQ(end.attempts[0].provider, "first");
      EXPECT_EQ(end.attempts[0].resolved_model, "a");
      EXPECT_EQ(end.attempts[0].error_type, fails.error_type);
      EXPECT_EQ(end.attempts[0].http_status, fails.http_status);
      EXPECT_EQ(end.attempts[1].provider, "second");
      EXPECT_EQ(end.attempts[1].resolved_model, "b");
      EXPECT_EQ(end.attempts[1].http_status, 200u);
      expect_in_order(end);
    }
  }
}

TEST_F(Attempts, PassOverATargetThatTheRequestCannotBeSaidTo) {
  SteppedUpstream first({{refused(503)}});
  SteppedUpstream second({well(Dialect::OpenAi)});
  in_front_of(first.port(), Dialect::Anthropic, second.port(), Dialect::OpenAi).start();

  const Message answer = told(post(
      "/v1/messages",
      R"({"model":"m","max_tokens":16,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]})"));

  EXPECT_EQ(answer.status(), 503);
  EXPECT_EQ(second.asked().size(), 0u);
  const Ended end = ended();
  EXPECT_EQ(end.outcome, Outcome::UpstreamError);
  EXPECT_EQ(end.error_type, "http_503");
  EXPECT_EQ(end.facts->provider, "first");
}

}  // namespace
}  // namespace vdm::proxy::attempts_test
