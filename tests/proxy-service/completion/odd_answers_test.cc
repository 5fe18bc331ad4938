#include <gtest/gtest.h>

#include "tests/fakes/compressed.h"
#include "tests/fakes/stepped_upstream.h"
#include "tests/proxy-service/completion/dialect_pairs.h"
#include "tests/proxy-service/serve/running_gateway.h"

// Answers with a 200 that are not what their label or their status says, as real providers and what
// stands before them send them: a row for each, a column for each pair of dialects and each shape
// that was asked for, each sent at once and byte by byte.

namespace vdm::proxy::odd_answers_test {
namespace {

using fakes::chunk;
using fakes::Coding;
using fakes::compressed;
using fakes::Message;
using fakes::Step;
using fakes::SteppedUpstream;

/// What the client gets.
enum class Gets : std::uint8_t {
  Answer,   ///< all of the good answer, in the shape that it asked for
  Refusal,  ///< an error with a status
  Break,    ///< of a stream: its beginning, then exactly one error event and no end
};

struct Expected {
  Gets gets = Gets::Refusal;
  int status = 502;
  std::string_view words = "";  ///< in the error that the client gets
  std::string_view type = "";   ///< of the report's error; empty: whichever
};

struct OddAnswer {
  std::string name;
  std::string (*bytes)(const Pair& pair);
  Expected (*expected)(const Pair& pair);
};

struct Case {
  OddAnswer odd;
  Pair pair;
  Step::Cut cut = Step::Cut::AtOnce;
};

void PrintTo(const Case& each, std::ostream* out) {
  *out << each.odd.name << ' ' << name_of(each.pair);
}

/// A 200 with that body, under the label if there is one.
std::string under(std::string_view label, const std::string& body, std::string_view fields = "") {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  if (!label.empty()) answer.append("content-type: ").append(label).append("\r\n");
  answer.append(fields).append("transfer-encoding: chunked\r\n\r\n");
  if (!body.empty()) answer.append(chunk(body));
  return answer.append(http1::LastChunk);
}

std::string body_of(const Pair& pair) {
  return pair.streams() ? good_stream(pair.upstream) : good_answer(pair.upstream);
}

constexpr std::string_view Events = "text/event-stream";
constexpr std::string_view Json = "application/json";

std::string own_label(const Pair& pair) { return std::string(pair.streams() ? Events : Json); }

Expected good(const Pair&) { return {.gets = Gets::Answer, .status = 200}; }
Expected refused(const Pair&) { return {}; }

/// In Anthropic's dialect, or in OpenAI's.
std::string in(const Pair& pair, std::string_view anthropic, std::string_view openai) {
  return std::string(pair.upstream == Dialect::Anthropic ? anthropic : openai);
}

/// The good answer, whose last word says that it failed.
std::string failed_end(const Pair& pair, std::string_view word, std::string_view choice_error) {
  std::string text = body_of(pair);
  const auto replace = [&text](std::string_view from, const std::string& to) {
    const std::size_t at = text.find(from);
    if (at != std::string::npos) text.replace(at, from.size(), to);
  };
  replace(R"("stop_reason":"tool_use")", R"("stop_reason":")" + std::string(word) + "\"");
  replace(R"("finish_reason":"tool_calls")",
          R"("finish_reason":")" + std::string(word) + "\"" + std::string(choice_error));
  return text;
}

Expected failed(const Pair& pair, std::string_view words, std::string_view type) {
  if (pair.streams()) return {.gets = Gets::Break, .status = 200, .words = words, .type = type};
  return {.words = words, .type = type};
}

const std::vector<OddAnswer> OddAnswers{
    // Labels. A stream as application/json: github.com/ollama/ollama and LM Studio behind some
    // proxies; as text/plain: nginx's default for what it does not know.
    {"StreamAsJson", [](const Pair& p) { return under(Json, good_stream(p.upstream)); }, good},
    {"StreamAsText", [](const Pair& p) { return under("text/plain", good_stream(p.upstream)); },
     good},
    {"StreamWithoutLabel", [](const Pair& p) { return under("", good_stream(p.upstream)); }, good},
    {"StreamWhateverWasAskedFor",
     [](const Pair& p) { return under(Events, good_stream(p.upstream)); }, good},
    {"StreamAfterComments",
     [](const Pair& p) {
       return under("", "\xEF\xBB\xBF: OPENROUTER PROCESSING\n\n\n" + good_stream(p.upstream));
     },
     good},
    {"JsonAsStream", [](const Pair& p) { return under(Events, good_answer(p.upstream)); }, good},
    {"JsonWithoutLabel", [](const Pair& p) { return under("", good_answer(p.upstream)); }, good},
    {"JsonAsAPage", [](const Pair& p) { return under("text/html", good_answer(p.upstream)); },
     good},
    // DeepSeek's signs of life before a whole answer: api-docs.deepseek.com/quick_start/rate_limit.
    {"JsonAfterEmptyLines",
     [](const Pair& p) { return under(Json, "\n\n\n\n\n" + good_answer(p.upstream)); }, good},
    {"Gzip",
     [](const Pair& p) {
       return under(own_label(p), compressed(body_of(p), Coding::Gzip),
                    "content-encoding: gzip\r\n");
     },
     good},
    {"GzipUnannounced",
     [](const Pair& p) { return under(own_label(p), compressed(body_of(p), Coding::Gzip)); }, good},
    {"Deflate",
     [](const Pair& p) {
       return under(own_label(p), compressed(body_of(p), Coding::Deflate),
                    "content-encoding: deflate\r\n");
     },
     good},
    {"DeflateWithoutItsFrame",
     [](const Pair& p) {
       return under("", compressed(body_of(p), Coding::RawDeflate),
                    "content-encoding: deflate\r\n");
     },
     good},
    {"Brotli",
     [](const Pair& p) { return under(own_label(p), "\x0b\x02", "content-encoding: br\r\n"); },
     [](const Pair&) { return Expected{.words = "compressed"}; }},
    {"CutGzip",
     [](const Pair& p) {
       return under(own_label(p), compressed(body_of(p), Coding::Gzip).substr(0, 60),
                    "content-encoding: gzip\r\n");
     },
     [](const Pair&) { return Expected{.words = "compressed"}; }},
    {"PageAsJson", [](const Pair&) { return under(Json, "<!DOCTYPE html><title>Sign in</title>"); },
     [](const Pair&) { return Expected{.words = "web page"}; }},
    {"PageAsStream", [](const Pair&) { return under(Events, "\n<html>Just a moment</html>"); },
     [](const Pair&) { return Expected{.words = "web page"}; }},
    {"TextOfAProxy",
     [](const Pair&) {
       return under("text/plain", "upstream connect error or disconnect/reset before headers");
     },
     refused},

    // Nothing.
    {"LastWordAlone",
     [](const Pair& p) {
       return under(Events, in(p, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
                               "data: [DONE]\n\n"));
     },
     refused},
    {"EmptyList",
     [](const Pair& p) {
       return under(Json, in(p, R"({"type":"message","role":"assistant","content":[]})",
                             R"({"object":"chat.completion","choices":[]})"));
     },
     refused},
    {"EmptyText",
     [](const Pair& p) {
       return under(Json, in(p, R"({"type":"message","content":[{"type":"text","text":""}],
                              "stop_reason":null,"usage":{"input_tokens":0,"output_tokens":0}})",
                             R"({"choices":[{"message":{"role":"assistant","content":""},
                           "finish_reason":null}],"usage":null})"));
     },
     refused},
    {"JsonOfSomethingElse", [](const Pair&) { return under(Json, R"({"status":"ok"})"); }, refused},
    // new-api and one-api answer so when their channel fails: choices null, nothing else.
    {"NullChoices",
     [](const Pair&) { return under(Json, R"({"id":"","object":"","choices":null})"); }, refused},

    // Errors in a 200, in the forms that no dialect has.
    {"MiniMaxError",
     [](const Pair&) {
       return under(
           Json,
           R"({"base_resp":{"status_code":1008,"status_msg":"insufficient balance"},"choices":null})");
     },
     [](const Pair&) { return Expected{.words = "insufficient balance"}; }},
    {"BareDetail", [](const Pair&) { return under(Events, R"({"detail":"Model is loading"})"); },
     [](const Pair&) { return Expected{.words = "Model is loading"}; }},
    {"ErrorAsJsonUnderTheLabelOfAStream",
     [](const Pair& p) {
       return under(Events, error_said(p.upstream, "rate_limit_error", "Slow down"));
     },
     [](const Pair&) {
       return Expected{.status = 429, .words = "Slow down", .type = "rate_limit_error"};
     }},

    // Words of an end.
    {"NetworkError",
     [](const Pair& p) { return under(own_label(p), failed_end(p, "network_error", "")); },
     [](const Pair& p) { return failed(p, "'network_error'", "network_error"); }},
    {"ErrorInCapitals",
     [](const Pair& p) { return under(own_label(p), failed_end(p, "ERROR", "")); },
     [](const Pair& p) { return failed(p, "'ERROR'", "ERROR"); }},
    // DeepSeek: api-docs.deepseek.com/api/create-chat-completion.
    {"ResourcesRunOut",
     [](const Pair& p) {
       return under(own_label(p), failed_end(p, "insufficient_system_resource",
                                             R"(,"error":{"code":503,"message":"GPU is gone"})"));
     },
     [](const Pair& p) {
       const bool has_error = p.upstream == Dialect::OpenAi;
       Expected expected =
           failed(p, has_error ? "GPU is gone" : "'insufficient_system_resource'", "");
       // Which is to say that it is overloaded, in each dialect's status.
       if (!p.streams()) expected.status = p.client == Dialect::Anthropic ? 529 : 503;
       return expected;
     }},
    {"MalformedCall",
     [](const Pair& p) {
       return under(own_label(p), failed_end(p, "MALFORMED_FUNCTION_CALL", ""));
     },
     [](const Pair& p) { return failed(p, "MALFORMED_FUNCTION_CALL", "MALFORMED_FUNCTION_CALL"); }},
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const OddAnswer& odd : OddAnswers) {
    for (const Pair& pair : all_pairs()) {
      all.push_back({odd, pair, Step::Cut::AtOnce});
      all.push_back({odd, pair, Step::Cut::ByteByByte});
    }
  }
  return all;
}

class OddAnswerOf : public ::testing::TestWithParam<Case> {};

void check_answer(const Pair& pair, const Message& answer) {
  const Said said = reported_in(pair, answer.body);
  EXPECT_EQ(said.text, "Hello there") << answer.body;
  EXPECT_EQ(said.tool, "look") << answer.body;
  EXPECT_EQ(said.arguments, R"({"at":7})");
  EXPECT_EQ(said.reason, pair.client == Dialect::Anthropic ? "tool_use" : "tool_calls");
  EXPECT_EQ(said.output, 5);
  EXPECT_TRUE(!pair.streams() || ends_well(pair.client, answer.body)) << answer.body;
  const auto label = answer.field("content-type").value_or("");
  EXPECT_NE(label.find(pair.streams() ? Events : Json), std::string::npos) << label;
  EXPECT_FALSE(answer.field("content-encoding"));
}

TEST_P(OddAnswerOf, AreWhatTheirBytesSay) {
  const auto& [odd, pair, cut] = GetParam();
  const Expected expected = odd.expected(pair);
  SteppedUpstream upstream({{odd.bytes(pair), Step::Then::Serve, cut}});
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(ask(pair));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.status(), expected.status) << answer.body;
  EXPECT_NE(answer.body.find(expected.words), std::string::npos) << answer.body;
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].http_status, static_cast<unsigned>(expected.status));
  if (expected.gets == Gets::Answer) {
    check_answer(pair, answer);
    EXPECT_EQ(ended[0].outcome, Outcome::Ok);
    EXPECT_EQ(ended[0].usage.input_tokens, 9u);
    EXPECT_EQ(ended[0].usage.output_tokens, 5u);
    return;
  }
  EXPECT_EQ(ended[0].outcome, Outcome::UpstreamError);
  EXPECT_TRUE(expected.type.empty() || ended[0].error_type == expected.type) << ended[0].error_type;
  if (expected.gets == Gets::Refusal) {
    EXPECT_NE(error_type_in(pair.client, answer.body), "") << answer.body;
    return;
  }
  EXPECT_EQ(reported_in(pair, answer.body).text, "Hello there");
  EXPECT_EQ(errors_in(pair.client, answer.body), 1u) << answer.body;
  EXPECT_FALSE(says_end(pair.client, answer.body)) << answer.body;
}

std::string name_of_case(const ::testing::TestParamInfo<Case>& info) {
  return info.param.odd.name + "_" + name_of(info.param.pair) +
         (info.param.cut == Step::Cut::AtOnce ? "" : "Bytewise");
}
INSTANTIATE_TEST_SUITE_P(Each, OddAnswerOf, ::testing::ValuesIn(cases()), name_of_case);

// Where usage stands: the record has it from any place, and so has a client of the other dialect.

struct UsagePlace {
  std::string name;
  Dialect upstream;
  std::string (*bytes)(const Pair& pair);
  std::uint64_t cached = 0;  ///< of the nine tokens in
};

constexpr std::string_view Counts =
    R"("usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14})";
constexpr std::string_view Reason = R"("finish_reason":"tool_calls")";

std::string with(std::string text, std::string_view from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// OpenAI's good answer with the usage nowhere.
std::string without_usage(const Pair& pair) {
  std::string text = body_of(pair);
  if (!pair.streams()) return with(text, "," + std::string(Counts), "");
  const std::size_t at = text.rfind("data: {");
  return text.erase(at, text.find("data: [DONE]") - at);
}

std::string beside_the_reason(const Pair& pair) {
  return with(without_usage(pair), Reason, std::string(Reason).append(",").append(Counts));
}

std::string with_cache(const Pair& pair, const std::string& member) {
  return with(body_of(pair), R"("total_tokens":14)", R"("total_tokens":14,)" + member);
}

/// Grows from chunk to chunk: added up it would be far more.
std::string in_every_chunk(const Pair& pair) {
  std::string text = body_of(pair);
  if (!pair.streams()) return text;
  text = without_usage(pair);
  int output = 0;
  for (std::size_t at = 0; (at = text.find("data: {", at)) != std::string::npos; at += 8) {
    text.insert(at + 7, R"("usage":{"prompt_tokens":9,"completion_tokens":)" +
                            std::to_string(++output) + "},");
  }
  EXPECT_EQ(output, 5);
  return text;
}

/// What Anthropic-compatible servers do that count when they are done.
std::string counted_at_the_end(const Pair& pair) {
  const std::string counts =
      R"("usage":{"input_tokens":5,"cache_read_input_tokens":4,"output_tokens":5})";
  if (!pair.streams()) {
    return with(body_of(pair), R"("usage":{"input_tokens":9,"output_tokens":5})", counts);
  }
  return with(with(body_of(pair), R"("input_tokens":9,"output_tokens":1)",
                   R"("input_tokens":0,"output_tokens":0)"),
              R"("usage":{"output_tokens":5})", counts);
}

const std::vector<UsagePlace> UsagePlaces{
    // Kimi: platform.moonshot.ai/docs/api/chat; Groq: console.groq.com/docs/api-reference.
    {"InTheChoice", Dialect::OpenAi, beside_the_reason},
    {"InXGroq", Dialect::OpenAi,
     [](const Pair& p) {
       return with(without_usage(p), std::string(Reason) + "}]",
                   std::string(Reason) + R"(}],"x_groq":{"id":"r",)" + std::string(Counts) + "}");
     }},
    {"InEveryChunk", Dialect::OpenAi, in_every_chunk},
    {"CacheBesideThePrompt", Dialect::OpenAi,
     [](const Pair& p) { return with_cache(p, R"("cached_tokens":4)"); }, 4},
    {"CacheHits", Dialect::OpenAi,
     [](const Pair& p) {
       return with_cache(p, R"("prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":5)");
     },
     4},
    {"AtTheEndAlone", Dialect::Anthropic, counted_at_the_end, 4},
};

struct UsageCase {
  UsagePlace place;
  Pair pair;
};
void PrintTo(const UsageCase& each, std::ostream* out) {
  *out << each.place.name << ' ' << name_of(each.pair);
}
std::vector<UsageCase> usage_cases() {
  std::vector<UsageCase> all;
  for (const UsagePlace& place : UsagePlaces) {
    for (const Pair& pair : all_pairs()) {
      if (pair.upstream == place.upstream) all.push_back({place, pair});
    }
  }
  return all;
}

class UsageOf : public ::testing::TestWithParam<UsageCase> {};

TEST_P(UsageOf, IsRecordedAndToldWhereverItStands) {
  const auto& [place, pair] = GetParam();
  SteppedUpstream upstream({{under(own_label(pair), place.bytes(pair))}});
  RunningGateway gateway(upstream.port());
  auto client = gateway.start().client();

  client.send(ask(pair));
  const Message answer = client.read_message();
  const Ended ended = gateway.sink.wait_for<Ended>(1).at(0);

  EXPECT_EQ(ended.outcome, Outcome::Ok);
  EXPECT_EQ(ended.usage.input_tokens, 9 - place.cached);
  EXPECT_EQ(ended.usage.cache_read_tokens, place.cached);
  EXPECT_EQ(ended.usage.output_tokens, 5u);
  EXPECT_FALSE(ended.usage.output_estimated);
  if (!pair.converts()) return;
  EXPECT_EQ(reported_in(pair, answer.body).output, 5) << answer.body;
}

std::string name_of_usage(const ::testing::TestParamInfo<UsageCase>& info) {
  return info.param.place.name + "_" + name_of(info.param.pair);
}
INSTANTIATE_TEST_SUITE_P(Each, UsageOf, ::testing::ValuesIn(usage_cases()), name_of_usage);

}  // namespace
}  // namespace vdm::proxy::odd_answers_test
