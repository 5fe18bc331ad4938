#include <gtest/gtest.h>

#include "tests/fakes/stepped_upstream.h"
#include "tests/proxy-service/completion/dialect_pairs.h"
#include "tests/proxy-service/serve/running_gateway.h"

// Every fault of a provider, as every client sees it: a row for each fault, a column for
// each pair of dialects and each shape of answer.

namespace vdm::proxy::fault_matrix_test {
namespace {

using fakes::chunk;
using fakes::Message;
using fakes::Step;
using fakes::SteppedUpstream;
using fakes::stream_head;
using fakes::whole_answer;
using std::chrono::milliseconds;
using Then = Step::Then;

/// How the client's answer ends.
enum class Ends : std::uint8_t {
  Well,     ///< whole, and says so
  Quietly,  ///< whole, without the last word that the provider left out
  Refused,  ///< an error with a status, in the client's dialect
  Broken,   ///< a stream: exactly one error event, and nothing that calls it whole
  AsItIs,   ///< the provider's bytes
};

struct Expected {
  Ends ends = Ends::Refused;
  int status = 200;
  Outcome outcome = Outcome::UpstreamError;
  std::size_t asked = 1;  ///< how often the provider was
};

constexpr Expected Whole{.ends = Ends::Well, .outcome = Outcome::Ok};

struct FaultCase {
  std::string name;
  std::vector<Step> (*steps)(const Pair& pair);
  Expected (*expected)(const Pair& pair);
  bool waits = false;  ///< for a time to be over
};

struct Case {
  FaultCase fault;
  Pair pair;
};

void PrintTo(const Case& each, std::ostream* out) {
  *out << each.fault.name << ' ' << name_of(each.pair);
}

std::string reported_status(const Pair& pair, int status, std::string_view type,
                            std::string_view message, std::string_view fields = "") {
  return whole_answer(status, error_said(pair.upstream, type, message), "application/json", fields);
}

/// 503 and 529 are one and the same to each dialect in its own words.
int overloaded(const Pair& pair, int status) {
  if (!pair.converts()) return status;
  return pair.client == Dialect::Anthropic ? 529 : 503;
}

std::string half_body(const Pair& pair) {
  const std::string all = whole_answer(200, good_answer(pair.upstream));
  return all.substr(0, all.size() - 40);
}

/// What came of a stream, then nothing or an end that is none.
Expected broken_off(const Pair& pair, Outcome outcome = Outcome::UpstreamError) {
  if (pair.streams()) return {.ends = Ends::Broken, .outcome = outcome};
  const bool late = outcome == Outcome::Timeout;
  return {.status = late ? 504 : 502, .outcome = outcome, .asked = late ? 1u : 3u};
}

std::string opening(Dialect upstream) {
  if (upstream == Dialect::OpenAi) {
    return R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]})"
           "\n\n";
  }
  const std::string begin = stream_begin(upstream);
  return begin.substr(0, begin.find("\n\n") + 2);
}

std::string without_last_event(const std::string& stream) {
  return stream.substr(0, stream.rfind("\n\n", stream.size() - 3) + 2);
}

std::string streamed(const std::string& events) {
  return stream_head() + chunk(events) + std::string(http1::LastChunk);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

const std::vector<FaultCase> Faults{
    {"RateLimitLongerThanIsWaitedFor",
     [](const Pair& p) {
       return std::vector<Step>{
           {reported_status(p, 429, "rate_limit_error", "slow down", "retry-after: 30\r\n")}};
     },
     [](const Pair&) { return Expected{.status = 429}; }},
    {"LastingRateLimit",
     [](const Pair& p) {
       return std::vector<Step>{{reported_status(p, 429, "rate_limit_error", "slow down")}};
     },
     [](const Pair&) { return Expected{.status = 429, .asked = 3}; }},
    {"OneServerError",
     [](const Pair& p) {
       return std::vector<Step>{{reported_status(p, 500, "api_error", "oh")},
                                {good(p.upstream, p.shape)}};
     },
     [](const Pair&) { return Expected{.ends = Ends::Well, .outcome = Outcome::Ok, .asked = 2}; }},
    {"LastingUnavailability",
     [](const Pair& p) {
       return std::vector<Step>{{reported_status(p, 503, "overloaded_error", "busy")}};
     },
     [](const Pair& p) { return Expected{.status = overloaded(p, 503), .asked = 3}; }},
    {"Reset",
     [](const Pair&) {
       return std::vector<Step>{{"", Then::Reset}};
     },
     [](const Pair&) { return Expected{.status = 502, .asked = 3}; }},
    {"NoAnswer",
     [](const Pair&) {
       return std::vector<Step>{{"", Then::Wait}};
     },
     [](const Pair&) { return Expected{.status = 504, .outcome = Outcome::Timeout}; }, true},
    {"LateFirstToken",
     [](const Pair& p) {
       const std::string head = p.streams() ? stream_head() + chunk(opening(p.upstream))
                                            : "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n";
       return std::vector<Step>{{head, Then::Wait}};
     },
     [](const Pair& p) {
       if (p.streams()) return broken_off(p, Outcome::Timeout);
       return Expected{.status = 504, .outcome = Outcome::Timeout};
     },
     true},
    {"Cut",
     [](const Pair& p) {
       const std::string begun = stream_head() + chunk(stream_begin(p.upstream));
       return std::vector<Step>{{p.streams() ? begun : half_body(p), Then::Close}};
     },
     [](const Pair& p) { return broken_off(p); }},
    {"Stall",
     [](const Pair& p) {
       const std::string begun = stream_head() + chunk(stream_begin(p.upstream));
       return std::vector<Step>{{p.streams() ? begun : half_body(p), Then::Wait}};
     },
     [](const Pair& p) { return broken_off(p, Outcome::Timeout); }, true},
    {"MalformedChunk",
     [](const Pair& p) {
       const std::string head = p.streams() ? stream_head()
                                            : "HTTP/1.1 200 OK\r\ncontent-type: application/json"
                                              "\r\ntransfer-encoding: chunked\r\n\r\n";
       const std::string begun = p.streams() ? stream_begin(p.upstream) : "{\"id\":";
       return std::vector<Step>{{head + chunk(begun) + "zz\r\n", Then::Wait}};
     },
     [](const Pair& p) { return broken_off(p); }},
    {"MalformedJson",
     [](const Pair& p) {
       const std::string bad = replaced(good_stream(p.upstream), "\" there\"", "\" there");
       return std::vector<Step>{
           {p.streams() ? streamed(bad) : whole_answer(200, "{\"id\":", "application/json")}};
     },
     [](const Pair& p) {
       return p.streams() ? broken_off(p) : Expected{.status = 502, .asked = 3};
     }},
    {"EventCutInHalf",
     [](const Pair& p) {
       const std::string begun = stream_begin(p.upstream) + "data: {\"type\":\"content_";
       return std::vector<Step>{{p.streams() ? streamed(begun) : half_body(p), Then::Close}};
     },
     [](const Pair& p) { return broken_off(p); }},
    {"MissingTerminator",
     [](const Pair& p) {
       const std::string body =
           "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + good_answer(p.upstream);
       return std::vector<Step>{
           {p.streams() ? streamed(without_last_event(good_stream(p.upstream))) : body,
            Then::Close}};
     },
     [](const Pair& p) {
       // Anthropic's clients need the last word, and get it.
       if (!p.streams() || p.converts() || p.upstream == Dialect::Anthropic) return Whole;
       return Expected{.ends = Ends::Quietly, .outcome = Outcome::Ok};
     }},
    {"ContextTooLong",
     [](const Pair& p) {
       return std::vector<Step>{{reported_status(
           p, 400, "invalid_request_error",
           p.upstream == Dialect::Anthropic
               ? "prompt is too long: 210000 tokens > 200000 maximum"
               : "This model's maximum context length is 200000 tokens. However, your "
                 "messages resulted in 210000 tokens.")}};
     },
     [](const Pair&) { return Expected{.status = 400}; }},
    {"RefusedPrefill",
     [](const Pair& p) {
       return std::vector<Step>{{reported_status(
           p, 400, "invalid_request_error", "This model does not support assistant prefill.")}};
     },
     [](const Pair&) { return Expected{.status = 400}; }},
    {"ContentFilter",
     [](const Pair& p) {
       const bool anthropic = p.upstream == Dialect::Anthropic;
       const std::string_view from = anthropic ? "\"tool_use\",\"stop_seq" : "\"tool_calls\"}";
       std::string text = good(p.upstream, p.shape);
       if (!p.streams() && anthropic)
         return std::vector<Step>{{whole_answer(
             200, replaced(good_answer(p.upstream), from, "\"refusal\",\"stop_seq"))}};
       if (!p.streams())
         return std::vector<Step>{
             {whole_answer(200, replaced(good_answer(p.upstream), from, "\"content_filter\"}"))}};
       const std::string stream =
           anthropic ? replaced(good_stream(p.upstream), "\"stop_reason\":\"tool_use\"",
                                "\"stop_reason\":\"refusal\"")
                     : replaced(good_stream(p.upstream), "\"finish_reason\":\"tool_calls\"",
                                "\"finish_reason\":\"content_filter\"");
       return std::vector<Step>{{streamed(stream)}};
     },
     [](const Pair&) { return Whole; }},
    {"EmptyAnswer",
     [](const Pair& p) {
       return std::vector<Step>{{p.streams() ? streamed("") : whole_answer(200, "")}};
     },
     [](const Pair&) { return Expected{.status = 502, .asked = 3}; }},
    {"ErrorFirst",
     [](const Pair& p) {
       const std::string event = error_event_said(p.upstream, "overloaded_error", "busy");
       return std::vector<Step>{{p.streams()
                                     ? stream_head() + chunk(event) + std::string(http1::LastChunk)
                                     : reported_status(p, 529, "overloaded_error", "busy")}};
     },
     [](const Pair& p) { return Expected{.status = overloaded(p, 529), .asked = 3}; }},
    {"ErrorInTheMiddle",
     [](const Pair& p) {
       const std::string stream =
           stream_begin(p.upstream) + error_event_said(p.upstream, "overloaded_error", "busy");
       return std::vector<Step>{{p.streams() ? streamed(stream) : half_body(p), Then::Close}};
     },
     [](const Pair& p) { return broken_off(p); }},
    {"ErrorBodyInA200",
     [](const Pair& p) {
       return std::vector<Step>{{reported_status(p, 200, "overloaded_error", "busy")}};
     },
     [](const Pair& p) { return Expected{.status = overloaded(p, 529), .asked = 3}; }},
    {"WholeAnswerWhateverWasAskedFor",
     [](const Pair& p) { return std::vector<Step>{{good(p.upstream, Shape::Whole)}}; },
     [](const Pair&) { return Whole; }},
    {"Redirect",
     [](const Pair&) {
       return std::vector<Step>{
           {"HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:1/\r\n"
            "content-length: 0\r\n\r\n"}};
     },
     [](const Pair&) { return Expected{.status = 502}; }},
    {"WrongContentType",
     [](const Pair&) {
       return std::vector<Step>{{whole_answer(200, "<html>Sign in</html>", "text/html")}};
     },
     [](const Pair&) { return Expected{.status = 502, .asked = 3}; }},
    {"DamagedCompressedAnswer",
     [](const Pair& p) {
       const std::string bytes("\x1f\x8b\x08\x00\x00\n\n\x00", 8);
       const std::string_view field = "content-encoding: gzip\r\n";
       return std::vector<Step>{
           {p.streams() ? stream_head(field) + chunk(bytes) + std::string(http1::LastChunk)
                        : whole_answer(200, bytes, "application/json", field)}};
     },
     [](const Pair&) { return Expected{.status = 502, .asked = 3}; }},
    {"DamagedCompressedRefusal",
     [](const Pair&) {
       return std::vector<Step>{{whole_answer(400, std::string("\x1f\x8b\x08\x00", 4),
                                              "application/json", "content-encoding: gzip\r\n")}};
     },
     [](const Pair&) { return Expected{.status = 400}; }},
    {"RefusalWithoutABody",
     [](const Pair&) {
       return std::vector<Step>{{"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"}};
     },
     [](const Pair& p) {
       if (p.converts()) return Expected{.status = 404};
       return Expected{.ends = Ends::AsItIs, .status = 404};
     }},
    {"RefusalCutBeforeItsBody",
     [](const Pair&) {
       return std::vector<Step>{{"HTTP/1.1 400 Bad\r\ncontent-length: 9\r\n\r\n", Then::Close}};
     },
     [](const Pair&) { return Expected{.status = 400}; }},
    {"InterimAnswers",
     [](const Pair& p) {
       return std::vector<Step>{
           {"HTTP/1.1 100 Continue\r\n\r\n"
            "HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n" +
            good(p.upstream, p.shape)}};
     },
     [](const Pair&) { return Whole; }},
    {"BytesAfterA204",
     [](const Pair&) {
       return std::vector<Step>{{"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}};
     },
     [](const Pair&) { return Expected{.status = 502, .asked = 3}; }},
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const FaultCase& fault : Faults) {
    for (const Pair& pair : all_pairs()) all.push_back({fault, pair});
  }
  return all;
}

class FaultMatrix : public ::testing::TestWithParam<Case> {
 protected:
  static void configure(RunningGateway& gateway, bool waits) {
    gateway.config.retry.backoff_first = gateway.config.retry.backoff_max = milliseconds(1);
    for (Provider& provider : gateway.config.providers) {
      provider.retries_max = 2;
      if (!waits) continue;
      provider.timeouts.first_byte = milliseconds(500);
      provider.timeouts.first_token = milliseconds(500);
      provider.timeouts.stream_idle = milliseconds(500);
    }
  }

  static void check(const Pair& pair, const Expected& expected, const Message& answer) {
    EXPECT_EQ(answer.status(), expected.status);
    EXPECT_TRUE(answer.complete);
    switch (expected.ends) {
      case Ends::Well:
        EXPECT_TRUE(!pair.streams() || ends_well(pair.client, answer.body)) << answer.body;
        EXPECT_EQ(reported_in(pair, answer.body).text, "Hello there") << answer.body;
        break;
      case Ends::Quietly:
        EXPECT_EQ(errors_in(pair.client, answer.body), 0u);
        EXPECT_FALSE(says_end(pair.client, answer.body));
        EXPECT_EQ(reported_in(pair, answer.body).text, "Hello there");
        break;
      case Ends::Refused:
        EXPECT_EQ(answer.field("content-type"), "application/json");
        EXPECT_NE(error_type_in(pair.client, answer.body), "") << answer.body;
        break;
      case Ends::Broken:
        EXPECT_EQ(errors_in(pair.client, answer.body), 1u) << answer.body;
        EXPECT_FALSE(says_end(pair.client, answer.body));
        EXPECT_TRUE(is_sound(answer.body)) << answer.body;
        EXPECT_NE(error_type_in(pair.client, events_of(answer.body).back().data), "");
        break;
      case Ends::AsItIs:
        break;
    }
  }
};

TEST_P(FaultMatrix, IsWhatTheClientIsTold) {
  const auto& [fault, pair] = GetParam();
  const Expected expected = fault.expected(pair);
  SteppedUpstream upstream(fault.steps(pair));
  RunningGateway gateway(upstream.port());
  configure(gateway, fault.waits);
  auto client = gateway.start().client();

  const auto before = std::chrono::steady_clock::now();
  client.send(ask(pair));
  const Message answer = client.read_message();
  const auto took = std::chrono::steady_clock::now() - before;
  const auto ended = gateway.sink.wait_for<Ended>(1);

  check(pair, expected, answer);
  EXPECT_LT(took, std::chrono::seconds(5));
  EXPECT_TRUE(upstream.is_asked(expected.asked));
  EXPECT_EQ(upstream.asked().size(), expected.asked);
  EXPECT_EQ(gateway.sink.all<Started>().size(), 1u);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, expected.outcome);
  EXPECT_EQ(ended[0].http_status, static_cast<unsigned>(expected.status));
  EXPECT_EQ(ended[0].attempts.size(), expected.asked);
  if (expected.outcome == Outcome::Ok && expected.ends == Ends::Well) {
    EXPECT_EQ(ended[0].usage.input_tokens, 9u);
    EXPECT_EQ(ended[0].usage.output_tokens, 5u);
  }
}

std::string name_of_case(const ::testing::TestParamInfo<Case>& info) {
  return info.param.fault.name + "_" + name_of(info.param.pair);
}
INSTANTIATE_TEST_SUITE_P(EveryFault, FaultMatrix, ::testing::ValuesIn(cases()), name_of_case);

}  // namespace
}  // namespace vdm::proxy::fault_matrix_test
