#include <gtest/gtest.h>

#include "tests/fakes/stepped_upstream.h"
#include "tests/proxy-service/completion/dialect_pairs.h"
#include "tests/proxy-service/serve/running_gateway.h"

// What a provider says of a failure, as each client and the report get it.

namespace vdm::proxy::provider_errors_test {
namespace {

using fakes::chunk;
using fakes::Message;
using fakes::Step;
using fakes::SteppedUpstream;
using fakes::stream_head;
using fakes::whole_answer;

struct Told {
  Message answer;
  Ended ended;
};

Told told(const Pair& pair, std::vector<Step> steps, std::string_view prompt = "hello") {
  SteppedUpstream upstream(std::move(steps));
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();
  std::string request = ask(pair);
  const std::size_t at = request.find("hello");
  request.replace(at, 5, prompt);
  const std::size_t length = request.find("content-length: ") + 16;
  const std::size_t body_bytes = request.size() - request.find("\r\n\r\n") - 4;
  request.replace(length, request.find("\r\n", length) - length, std::to_string(body_bytes));
  client.send(request);
  Message answer = client.read_message();
  return {std::move(answer), gateway.sink.wait_for<Ended>(1).at(0)};
}

class ProviderErrors : public ::testing::TestWithParam<Pair> {};

struct Body {
  int status;
  std::string_view body;
  std::string_view words;
};

// github.com/mistralai, vLLM, Ollama, Cloudflare's gateway, OpenRouter: see error_details_test.cc.
constexpr Body Bodies[] = {
    {422,
     R"({"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]})",
     "stream_options: Extra inputs are not permitted"},
    {400, R"({"detail":"Unsupported parameter"})", "Unsupported parameter"},
    {400, R"({"errors":[{"code":7003,"message":"No route for that"}]})", "No route for that"},
    {404, R"({"error":"model not found"})", "model not found"},
    {400,
     R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":)"
     R"("{\"error\":{\"message\":\"Invalid tools\"}}"}}})",
     "Invalid tools"},
};

TEST_P(ProviderErrors, ReachTheClientAndTheReportInTheirOwnWords) {
  const Pair pair = GetParam();
  for (const auto& [status, body, words] : Bodies) {
    const auto [answer, ended] = told(pair, {{whole_answer(status, body)}});

    EXPECT_EQ(answer.status(), status);
    if (pair.converts()) {
      EXPECT_NE(answer.body.find("\"message\":\"" + std::string(words)), std::string::npos)
          << answer.body;
      EXPECT_NE(error_type_in(pair.client, answer.body), "");
    } else {
      EXPECT_EQ(answer.body, body);
    }
    EXPECT_EQ(ended.outcome, Outcome::UpstreamError);
    EXPECT_EQ(ended.error_message, words);
    EXPECT_EQ(ended.http_status, static_cast<unsigned>(status));
  }
}

TEST_P(ProviderErrors, KeepThePathOfAFieldWhateverThePromptSays) {
  const Pair pair = GetParam();
  const std::string message =
      "messages.3.content.1.tool_use.id: Field required sk-abcdefghijklmnop123";

  const auto [answer, ended] =
      told(pair, {{whole_answer(400, error_said(pair.upstream, "invalid_request_error", message))}},
           "3 custom tools, 1 id, sk-abc");

  EXPECT_EQ(ended.error_message, "messages.3.content.1.tool_use.id: Field required [redacted]");
}

/// Wordings of a prompt that is too long, with the statuses they come with.
constexpr Body TooLong[] = {
    {400,
     R"({"error":{"code":400,"type":"exceed_context_size_error","n_prompt_tokens":124071,)"
     R"("n_ctx":123904,"message":"request (124071 tokens) exceeds the available context size )"
     R"((123904 tokens), try increasing it"}})",
     "prompt is too long: 124071 tokens > 123904 maximum"},
    {413,
     R"({"message":"This model's maximum prompt length is 131072 but the request contains )"
     R"(537812 tokens."})",
     "prompt is too long: 537812 tokens > 131072 maximum"},
    {422,
     R"({"detail":"Prompt has 40,000 tokens, but the configured context size is 32,768 tokens"})",
     "prompt is too long: 40000 tokens > 32768 maximum"},
    {500, R"({"error":"prompt too long; exceeded max context length by 100918 tokens"})",
     "prompt is too long: prompt too long; exceeded max context length by 100918 tokens"},
};

TEST_P(ProviderErrors, TellTheClientThatItsPromptIsTooLongSoThatItActs) {
  const Pair pair = GetParam();
  for (const auto& [status, body, words] : TooLong) {
    const auto [answer, ended] = told(pair, {{whole_answer(status, body)}});

    if (pair.client == Dialect::Anthropic) {
      EXPECT_EQ(answer.status(), 400) << body;
      EXPECT_NE(answer.body.find("\"message\":\"" + std::string(words)), std::string::npos)
          << answer.body;
      EXPECT_EQ(error_type_in(pair.client, answer.body), "invalid_request_error");
    } else if (pair.converts()) {
      EXPECT_EQ(answer.status(), 400) << body;
      EXPECT_NE(answer.body.find(R"("code":"context_length_exceeded")"), std::string::npos);
    } else {
      EXPECT_EQ(answer.status(), status);
      EXPECT_EQ(answer.body, body);
    }
    EXPECT_EQ(ended.attempts.size(), 1u);
  }
}

// vLLM and its like have begun the stream when they count.
TEST_P(ProviderErrors, TellTheClientThatItsPromptIsTooLongWhenThatComesFirstInAStream) {
  const Pair pair = GetParam();
  if (!pair.streams()) return;
  const std::string error = error_event_said(
      pair.upstream, "invalid_request_error",
      "Invalid request: Your request exceeded model token limit: 262144 (requested: 291351)");

  const auto [answer, ended] =
      told(pair, {{stream_head() + chunk(error) + std::string(http1::LastChunk)}});

  EXPECT_EQ(answer.status(), 400);
  if (pair.client == Dialect::Anthropic) {
    EXPECT_NE(answer.body.find("prompt is too long: 291351 tokens > 262144 maximum"),
              std::string::npos)
        << answer.body;
  } else if (pair.converts()) {
    EXPECT_NE(answer.body.find(R"("code":"context_length_exceeded")"), std::string::npos)
        << answer.body;
  }
  EXPECT_EQ(ended.outcome, Outcome::UpstreamError);
  EXPECT_EQ(ended.attempts.size(), 1u);
}

TEST_P(ProviderErrors, LeaveAPromptThatIsTooLongInAnthropicsOwnWordsAsItIs) {
  const Pair pair = GetParam();
  if (pair.converts() || pair.client != Dialect::Anthropic) return;
  for (const char* message : {"prompt is too long: 210000 tokens > 200000 maximum",
                              "input length and `max_tokens` exceed context limit: 188240 + 21333 "
                              "> 200000, decrease input length or `max_tokens` and try again"}) {
    const std::string body = error_said(pair.upstream, "invalid_request_error", message);

    EXPECT_EQ(told(pair, {{whole_answer(400, body, "application/json", "request-id: theirs\r\n")}})
                  .answer.body,
              body);
  }
}

TEST_P(ProviderErrors, AreNotRetriedForAPromptThatIsTooLongWhateverTheStatus) {
  const Pair pair = GetParam();
  SteppedUpstream upstream({{whole_answer(500, R"({"error":"Context size has been exceeded."})")}});
  RunningGateway gateway(upstream.port());
  for (Provider& provider : gateway.config.providers) provider.retries_max = 3;
  auto client = gateway.start().client();

  client.send(ask(pair));
  client.read_message();

  EXPECT_EQ(gateway.sink.wait_for<Ended>(1).at(0).attempts.size(), 1u);
}

TEST_P(ProviderErrors, KeepTheirWordsInTheReportWhenTheyComeFirstInAStream) {
  const Pair pair = GetParam();
  if (!pair.streams()) return;

  const auto [answer, ended] = told(
      pair,
      {{stream_head() + chunk(error_event_said(pair.upstream, "api_error", "cannot read violets")) +
        std::string(http1::LastChunk)}},
      "violets");

  EXPECT_EQ(answer.status(), 502);
  EXPECT_NE(answer.body.find("cannot read violets"), std::string::npos);
  EXPECT_EQ(ended.error_message, "cannot read [redacted]");
  EXPECT_EQ(ended.error_type, "api_error");
}

TEST_P(ProviderErrors, AreNoneWhenAnEmptyOneComesWithEveryGoodChunk) {
  const Pair pair = GetParam();
  std::string stream = good_stream(pair.upstream);
  for (std::size_t at = 0; (at = stream.find("data: {", at)) != std::string::npos; at += 8) {
    stream.insert(at + 7, R"("error":{"message":"","type":"","code":null},)");
  }
  if (!pair.streams()) {
    stream = good_answer(pair.upstream).insert(1, R"("error":{},)");
  }

  const auto [answer, ended] =
      told(pair, {{pair.streams() ? stream_head() + chunk(stream) + std::string(http1::LastChunk)
                                  : whole_answer(200, stream)}});

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(reported_in(pair, answer.body).text, "Hello there");
  EXPECT_EQ(ended.outcome, Outcome::Ok);
}

// What a client reads of the head.

TEST_P(ProviderErrors, SayWhenToTryAgainInTheFieldsThatSdksRead) {
  const Pair pair = GetParam();
  struct Fields {
    std::string_view sent;
    std::string_view retry_after;
    std::string_view milliseconds;
  };
  constexpr Fields Cases[] = {
      {"retry-after: 30\r\n", "30", ""},
      {"retry-after-ms: 30500\r\n", "31", "30500"},
      {"retry-after: 40\r\nretry-after-ms: 30500\r\n", "40", "30500"},
      {"x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 6m0s\r\n", "360", ""},
      {"x-ratelimit-reset-tokens-minute: 31.2\r\n", "32", ""},
  };
  for (const auto& [sent, retry_after, ms] : Cases) {
    const auto [answer, ended] =
        told(pair, {{whole_answer(429, error_said(pair.upstream, "rate_limit_error", "slow down"),
                                  "application/json", sent)}});

    EXPECT_EQ(answer.status(), 429);
    EXPECT_EQ(answer.field("retry-after"), retry_after) << sent;
    EXPECT_EQ(answer.field("retry-after-ms").value_or(""), ms) << sent;
  }
}

TEST_P(ProviderErrors, HaveTheIdThatTheClientsSdkReads) {
  const Pair pair = GetParam();
  const std::string refused = whole_answer(400, error_said(pair.upstream, "x", "no"));
  for (const std::string& bytes : {refused, good(pair.upstream, pair.shape)}) {
    const auto [answer, ended] = told(pair, {{bytes}});

    EXPECT_EQ(answer.field("x-request-id"), ended.facts->request_id);
    const bool anthropic = pair.client == Dialect::Anthropic;
    EXPECT_EQ(answer.field("request-id").value_or(""), anthropic ? ended.facts->request_id : "");
  }
}

TEST_P(ProviderErrors, LeaveAnthropicsOwnIdToAnthropicsClients) {
  const Pair pair = GetParam();
  if (pair.upstream != Dialect::Anthropic) return;
  const std::string_view field = "request-id: req_theirs\r\n";
  for (const std::string& bytes :
       {whole_answer(400, error_said(pair.upstream, "x", "no"), "application/json", field),
        whole_answer(200, good_answer(pair.upstream), "application/json", field)}) {
    const Message answer = told(pair, {{bytes}}).answer;

    // Of what is converted or made into a stream the id is ours.
    if (pair.converts() || answer.field("x-upstream-request-id")) {
      EXPECT_EQ(answer.field("x-upstream-request-id"), "req_theirs");
    } else {
      EXPECT_EQ(answer.field("request-id"), "req_theirs");
    }
  }
}

std::string name_of_pair(const ::testing::TestParamInfo<Pair>& info) { return name_of(info.param); }
INSTANTIATE_TEST_SUITE_P(Each, ProviderErrors, ::testing::ValuesIn(all_pairs()), name_of_pair);

}  // namespace
}  // namespace vdm::proxy::provider_errors_test
