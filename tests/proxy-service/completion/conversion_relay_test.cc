#include <gtest/gtest.h>

#include <future>

#include "tests/fakes/stepped_upstream.h"
#include "tests/proxy-service/completion/dialect_pairs.h"
#include "tests/proxy-service/serve/running_gateway.h"

// Faults are in fault_matrix_test.cc; here is what a client of the other dialect is given.

namespace vdm::proxy::conversion_relay_test {
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

const std::string Last(http1::LastChunk);

Message told(const RunningGateway& gateway, const std::string& request) {
  auto client = gateway.client();
  client.send(request);
  return client.read_message();
}

class Conversion : public ::testing::TestWithParam<Pair> {};
class ConvertedStream : public ::testing::TestWithParam<Pair> {};

TEST_P(Conversion, GivesTextToolsAndUsage) {
  const Pair pair = GetParam();
  SteppedUpstream upstream({{good(pair.upstream, pair.shape)}});
  RunningGateway gateway(upstream.port());

  const Message answer = told(gateway.start(), ask(pair));
  const auto ended = gateway.sink.wait_for<Ended>(1);

  const Said said = reported_in(pair, answer.body);
  EXPECT_EQ(said.text, "Hello there");
  EXPECT_EQ(said.tool, "look");
  EXPECT_EQ(said.arguments, R"({"at":7})");
  EXPECT_EQ(said.reason, pair.client == Dialect::Anthropic ? "tool_use" : "tool_calls");
  EXPECT_EQ(said.input, 9);
  EXPECT_EQ(said.output, 5);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::Ok);
  EXPECT_EQ(ended[0].facts->client_dialect, pair.client);
  EXPECT_EQ(ended[0].facts->upstream_dialect, pair.upstream);
  EXPECT_EQ(ended[0].usage.input_tokens, 9u);
  EXPECT_EQ(ended[0].usage.output_tokens, 5u);
  EXPECT_EQ(ended[0].tool_call_count, 1u);
  EXPECT_EQ(ended[0].response_bytes, answer.body.size());
}

TEST_P(Conversion, AsksInTheProvidersOwnWords) {
  const Pair pair = GetParam();
  SteppedUpstream upstream({{good(pair.upstream, pair.shape)}});
  RunningGateway gateway(upstream.port());

  told(gateway.start(), ask(pair));

  const auto asked = upstream.asked();
  ASSERT_EQ(asked.size(), 1u);
  const bool anthropic = pair.upstream == Dialect::Anthropic;
  EXPECT_EQ(asked[0].first_line(),
            anthropic ? "POST /v1/messages HTTP/1.1" : "POST /v1/chat/completions HTTP/1.1");
  EXPECT_EQ(asked[0].field("x-api-key").has_value(), anthropic);
  EXPECT_EQ(asked[0].field("authorization").has_value(), !anthropic);
  EXPECT_EQ(asked[0].field("anthropic-version").has_value(), anthropic);
  EXPECT_NE(asked[0].body.find("\"model\":\"x\""), std::string::npos);
}

TEST_P(Conversion, IsTheSameHoweverTheProviderCutsIt) {
  const Pair pair = GetParam();
  SteppedUpstream upstream({{good(pair.upstream, pair.shape)},
                            {good(pair.upstream, pair.shape), Then::Serve, Step::Cut::ByteByByte}});
  RunningGateway gateway(upstream.port());
  gateway.start();

  const Message at_once = told(gateway, ask(pair));
  const Message cut = told(gateway, ask(pair));

  EXPECT_TRUE(cut.complete);
  EXPECT_EQ(without_ids(cut.body), without_ids(at_once.body));
}

TEST_P(Conversion, KeepsTheConnectionToTheProvider) {
  const Pair pair = GetParam();
  SteppedUpstream upstream({{good(pair.upstream, pair.shape)}});
  RunningGateway gateway(upstream.port());
  auto client = gateway.on_one_thread().start().client();

  for (int i = 0; i < 3; ++i) {
    client.send(ask(pair));
    EXPECT_EQ(client.read_message().status(), 200);
  }

  EXPECT_EQ(upstream.connections(), 1);
}

struct Refusal {
  int status;
  std::string_view type;
  int anthropic_status;
  std::string_view anthropic_type;
  int openai_status;
  std::string_view openai_type;
};

TEST_P(Conversion, KeepsTheMeaningOfAnError) {
  const Pair pair = GetParam();
  constexpr Refusal Refusals[] = {
      {400, "invalid_request_error", 400, "invalid_request_error", 400, "invalid_request_error"},
      {401, "authentication_error", 401, "authentication_error", 401, "authentication_error"},
      {403, "permission_error", 403, "permission_error", 403, "permission_error"},
      {404, "not_found_error", 404, "not_found_error", 404, "invalid_request_error"},
      {429, "rate_limit_error", 429, "rate_limit_error", 429, "rate_limit_error"},
      {500, "api_error", 500, "api_error", 500, "server_error"},
      {503, "api_error", 529, "overloaded_error", 503, "overloaded_error"},
      {529, "overloaded_error", 529, "overloaded_error", 503, "overloaded_error"},
  };
  for (const Refusal& refusal : Refusals) {
    SteppedUpstream upstream(
        {{whole_answer(refusal.status, error_said(pair.upstream, refusal.type, "it says so"),
                       "application/json", "x-request-id: theirs\r\n")}});
    RunningGateway gateway(upstream.port());

    const Message answer = told(gateway.start(), ask(pair));
    const auto ended = gateway.sink.wait_for<Ended>(1);

    const bool anthropic = pair.client == Dialect::Anthropic;
    const int status = anthropic ? refusal.anthropic_status : refusal.openai_status;
    EXPECT_EQ(answer.status(), status);
    EXPECT_EQ(error_type_in(pair.client, answer.body),
              anthropic ? refusal.anthropic_type : refusal.openai_type);
    EXPECT_NE(answer.body.find("it says so"), std::string::npos);
    EXPECT_EQ(answer.field("x-upstream-request-id"), "theirs");
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended[0].http_status, static_cast<unsigned>(status));
    EXPECT_EQ(ended[0].attempts.at(0).http_status, static_cast<unsigned>(refusal.status));
  }
}

TEST_P(ConvertedStream, IsWholeOnceTheProviderHasSaidAllAndIsCut) {
  const Pair pair = GetParam();
  const std::string stream = good_stream(pair.upstream);
  // OpenAI's ends with its reason, whether or not the last word comes.
  const std::string said =
      pair.upstream == Dialect::Anthropic ? stream : stream.substr(0, stream.find("data: [DONE]"));
  SteppedUpstream upstream({{stream_head() + chunk(said), Then::Close}});
  RunningGateway gateway(upstream.port());

  const Message answer = told(gateway.start(), ask(pair));

  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(ends_well(pair.client, answer.body)) << answer.body;
  EXPECT_EQ(gateway.sink.wait_for<Ended>(1).at(0).outcome, Outcome::Ok);
}

TEST_P(ConvertedStream, IsWholeOnceTheProviderHasSaidWhyItEnds) {
  const Pair pair = GetParam();
  const std::string stream = good_stream(pair.upstream);
  const bool anthropic = pair.upstream == Dialect::Anthropic;
  const std::size_t reason =
      stream.find(anthropic ? "\"stop_reason\":\"tool_use\"" : "\"finish_reason\":\"tool_calls\"");
  SteppedUpstream upstream(
      {{stream_head() + chunk(stream.substr(0, stream.find("\n\n", reason) + 2)), Then::Close}});
  RunningGateway gateway(upstream.port());

  const Message answer = told(gateway.start(), ask(pair));

  EXPECT_TRUE(ends_well(pair.client, answer.body)) << answer.body;
  EXPECT_EQ(gateway.sink.wait_for<Ended>(1).at(0).outcome, Outcome::Ok);
}

TEST_P(ConvertedStream, GivesAnErrorFirstTheStatusOfAWholeOne) {
  const Pair pair = GetParam();
  SteppedUpstream upstream(
      {{stream_head() + chunk(error_event_said(pair.upstream, "overloaded_error", "busy")) + Last},
       {whole_answer(529, error_said(pair.upstream, "overloaded_error", "busy"))}});
  RunningGateway gateway(upstream.port());
  gateway.start();

  const Message first = told(gateway, ask(pair));
  const Message whole = told(gateway, ask(pair));

  EXPECT_EQ(first.status(), whole.status());
  EXPECT_EQ(without_ids(first.body), without_ids(whole.body));
}

TEST_P(ConvertedStream, SaysNothingAfterTheProvidersError) {
  const Pair pair = GetParam();
  const std::string stream = good_stream(pair.upstream);
  const std::string begin = stream_begin(pair.upstream);
  SteppedUpstream upstream({{stream_head() +
                             chunk(begin + error_event_said(pair.upstream, "api_error", "oh") +
                                   stream.substr(begin.size())) +
                             Last}});
  RunningGateway gateway(upstream.port());

  const Message answer = told(gateway.start(), ask(pair));

  EXPECT_EQ(errors_in(pair.client, answer.body), 1u);
  EXPECT_FALSE(says_end(pair.client, answer.body));
  EXPECT_EQ(reported_in(pair, answer.body).text, "Hello");
}

// A client that asked for a stream and a provider that answered whole.

class StreamOfAWholeAnswer : public ::testing::TestWithParam<Pair> {};

TEST_P(StreamOfAWholeAnswer, SaysAllThatAStreamWouldHaveSaid) {
  const Pair pair = GetParam();
  SteppedUpstream upstream({{good(pair.upstream, Shape::Whole)}});
  RunningGateway gateway(upstream.port());

  const Message answer = told(gateway.start(), ask(pair));
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_EQ(answer.field("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_TRUE(ends_well(pair.client, answer.body)) << answer.body;
  const Said said = reported_in(pair, answer.body);
  EXPECT_EQ(said.text, "Hello there");
  EXPECT_EQ(said.tool, "look");
  EXPECT_EQ(said.arguments, R"({"at":7})");
  EXPECT_EQ(said.reason, pair.client == Dialect::Anthropic ? "tool_use" : "tool_calls");
  EXPECT_EQ(said.input, 9);
  EXPECT_EQ(said.output, 5);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::Ok);
  EXPECT_EQ(ended[0].usage.output_tokens, 5u);
  EXPECT_EQ(ended[0].response_bytes, answer.body.size());
}

TEST_P(StreamOfAWholeAnswer, IsNotMadeOfWhatIsNone) {
  const Pair pair = GetParam();
  SteppedUpstream upstream({{whole_answer(200, R"({"id":"x"})")}});
  RunningGateway gateway(upstream.port());

  const Message answer = told(gateway.start(), ask(pair));

  EXPECT_EQ(answer.status(), 502);
  EXPECT_NE(error_type_in(pair.client, answer.body), "");
}

// What a silent stream's client is told.

class SignOfLife : public ::testing::TestWithParam<Pair> {
 protected:
  static std::string_view sign(Dialect client) {
    return client == Dialect::Anthropic ? "event: ping\n" : ": keep-alive\n";
  }
};

TEST_P(SignOfLife, ComesWhileTheProviderIsSilent) {
  const Pair pair = GetParam();
  std::promise<void> seen;
  FakeUpstream upstream([&](Peer& peer, int) {
    peer.read_message();
    const std::string begin = stream_begin(pair.upstream);
    peer.send(stream_head() + chunk(begin));
    seen.get_future().wait();
    peer.send(chunk(good_stream(pair.upstream).substr(begin.size())) + Last);
  });
  RunningGateway gateway(upstream.port());
  gateway.config.timeouts.keep_alive_ping = milliseconds(150);
  auto client = gateway.start().client();

  client.send(ask(pair));
  std::string stream;
  while (stream.find(sign(pair.client)) == std::string::npos) {
    const std::string more = client.read_some();
    ASSERT_NE(more, "");
    stream += more;
  }
  seen.set_value();
  while (stream.find("0\r\n\r\n") == std::string::npos) {
    const std::string more = client.read_some();
    ASSERT_NE(more, "");
    stream += more;
  }

  EXPECT_EQ(stream.find("error"), std::string::npos);
  EXPECT_EQ(gateway.sink.wait_for<Ended>(1).at(0).outcome, Outcome::Ok);
}

TEST_P(SignOfLife, DoesNotHideThatTheProviderStalls) {
  const Pair pair = GetParam();
  SteppedUpstream upstream({{stream_head() + chunk(stream_begin(pair.upstream)), Then::Wait}});
  RunningGateway gateway(upstream.port());
  gateway.config.timeouts.keep_alive_ping = milliseconds(100);
  for (Provider& provider : gateway.config.providers) {
    provider.timeouts.stream_idle = milliseconds(500);
  }

  const Message answer = told(gateway.start(), ask(pair));

  EXPECT_NE(answer.body.find(sign(pair.client)), std::string::npos);
  EXPECT_EQ(errors_in(pair.client, answer.body), 1u);
  EXPECT_FALSE(says_end(pair.client, answer.body));
  EXPECT_EQ(gateway.sink.wait_for<Ended>(1).at(0).outcome, Outcome::Timeout);
}

// A client that leaves.

class Leaving : public ::testing::TestWithParam<Pair> {
 protected:
  /// The provider sends that much and is then silent; when the client has seen it begin, if it
  /// is to, it leaves.
  Ended leave_after(const std::string& sent, bool seen_by_client) {
    std::promise<void> asked;
    std::promise<void> closed;
    FakeUpstream upstream([&](Peer& peer, int) {
      peer.read_message();
      peer.send(sent);
      asked.set_value();
      if (peer.sees_close_within(5'000)) closed.set_value();
    });
    RunningGateway gateway(upstream.port());
    auto client = gateway.start().client();
    client.send(ask(GetParam()));
    asked.get_future().wait();
    EXPECT_TRUE(!seen_by_client || !client.read_some().empty());

    client.close();

    EXPECT_EQ(closed.get_future().wait_for(milliseconds(1'000)), std::future_status::ready);
    const auto ended = gateway.sink.wait_for<Ended>(1);
    EXPECT_EQ(ended.size(), 1u);
    return ended.at(0);
  }
};

TEST_P(Leaving, WhileTheProviderIsSilent) {
  const Ended ended = leave_after("", false);

  EXPECT_EQ(ended.outcome, Outcome::ClientCancelled);
  EXPECT_EQ(ended.http_status, 499u);
}

TEST_P(Leaving, AfterTheProvidersHead) {
  const bool streams = GetParam().streams();
  const Ended ended = leave_after(
      streams ? stream_head()
              : "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n",
      false);

  EXPECT_EQ(ended.outcome, Outcome::ClientCancelled);
}

TEST_P(Leaving, InTheMiddleOfTheAnswer) {
  const Pair pair = GetParam();
  const std::string whole = whole_answer(200, good_answer(pair.upstream));
  const std::string half = whole.substr(0, whole.size() - 40);
  const std::string begun = stream_head() + chunk(stream_begin(pair.upstream));
  // A small body is not seen before its end.
  const Ended ended = leave_after(pair.streams() ? begun : half, pair.streams());

  EXPECT_EQ(ended.outcome, Outcome::ClientCancelled);
  if (!pair.streams()) return;
  EXPECT_GT(ended.usage.output_tokens, 0u);
  EXPECT_TRUE(ended.usage.output_estimated);
  EXPECT_EQ(ended.usage.input_tokens, pair.upstream == Dialect::Anthropic ? 9u : 0u);
}

std::string name_of_pair(const ::testing::TestParamInfo<Pair>& info) { return name_of(info.param); }

std::vector<Pair> streaming(std::vector<Pair> pairs) {
  std::erase_if(pairs, [](const Pair& pair) { return !pair.streams(); });
  return pairs;
}

INSTANTIATE_TEST_SUITE_P(Each, Conversion, ::testing::ValuesIn(converting_pairs()), name_of_pair);
INSTANTIATE_TEST_SUITE_P(Each, ConvertedStream, ::testing::ValuesIn(streaming(converting_pairs())),
                         name_of_pair);
INSTANTIATE_TEST_SUITE_P(Each, StreamOfAWholeAnswer, ::testing::ValuesIn(streaming(all_pairs())),
                         name_of_pair);
INSTANTIATE_TEST_SUITE_P(Each, SignOfLife, ::testing::ValuesIn(streaming(all_pairs())),
                         name_of_pair);
INSTANTIATE_TEST_SUITE_P(Each, Leaving, ::testing::ValuesIn(all_pairs()), name_of_pair);

}  // namespace
}  // namespace vdm::proxy::conversion_relay_test
