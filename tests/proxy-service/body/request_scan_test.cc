#include "proxy-service/body/request_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::proxy::request_scan_test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Result<RequestScan> scan(std::string_view body) { return RequestScanner().scan(body); }

std::string refusal(std::string_view body) {
  const auto result = scan(body);
  return result ? "accepted" : result.error().message;
}

TEST(RequestScan, FindsTheModelAndItsBytes) {
  const std::string body = R"( {"stream" : true, "model":  "open\u0061i:gp\/t" , "n":1})";

  const auto found = scan(body);

  ASSERT_TRUE(found);
  EXPECT_EQ(found->model, "openai:gp/t");
  EXPECT_EQ(body.substr(found->model_token.begin, found->model_token.size),
            R"("open\u0061i:gp\/t")");
  EXPECT_TRUE(found->stream);
  EXPECT_EQ(body[found->object_begin - 1], '{');
}

TEST(RequestScan, CountsMessagesAndToolsOfTheAnthropicDialect) {
  const auto found = scan(R"({"model":"m","system":[{"type":"text","text":"a"},{"type":"text"}],
    "messages":[{"role":"user","content":"hi"},
      {"role":"assistant","content":[{"type":"text","text":"\"type\":\"tool_use\""},
        {"type":"tool_use","id":"t1","name":"f","input":{"type":"tool_use"}},
        {"id":"t2","input":{},"type":"tool_use"}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1",
        "content":[{"type":"tool_result"}]}]}]})");

  ASSERT_TRUE(found);
  EXPECT_EQ(found->message_count, 5u);
  EXPECT_EQ(found->tool_use_count, 2u);
  EXPECT_EQ(found->tool_result_count, 1u);
}

TEST(RequestScan, CountsMessagesAndToolsOfTheOpenAiDialect) {
  const auto found = scan(R"({"model":"m","messages":[{"role":"system","content":"s"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"a"},{"id":"b"}]},
    {"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","content":"2"}]})");

  ASSERT_TRUE(found);
  EXPECT_EQ(found->message_count, 4u);
  EXPECT_EQ(found->tool_use_count, 2u);
  EXPECT_EQ(found->tool_result_count, 2u);
}

TEST(RequestScan, FindsClaudeCodesSession) {
  EXPECT_EQ(scan(R"({"model":"m","metadata":{"user_id":)"
                 R"("{\"device_id\":\"d\",\"session_id\":\"5f-a\"}"}})")
                ->session_id,
            "5f-a");
  EXPECT_EQ(
      scan(R"({"model":"m","metadata":{"user_id":"user_1_account_2_session_5f-a"}})")->session_id,
      "5f-a");
  EXPECT_EQ(scan(R"({"model":"m","metadata":{"user_id":"somebody"}})")->session_id, "");
  EXPECT_EQ(scan(R"({"model":"m","metadata":{"user_id":"{\"session_id\":"}})")->session_id, "");
}

TEST(RequestScan, SeesWhetherTheClientAskedForUsage) {
  EXPECT_TRUE(scan(R"({"model":"m","stream_options":{"include_usage":true}})")->include_usage);
  EXPECT_FALSE(scan(R"({"model":"m","stream_options":{"include_usage":false}})")->include_usage);
  EXPECT_FALSE(scan(R"({"model":"m","stream_options":null})")->include_usage);
  EXPECT_FALSE(scan(R"({"model":"m"})")->include_usage);
}

TEST(RequestScan, RefusesADuplicateOfWhatDecides) {
  EXPECT_EQ(refusal(R"({"model":"a","model":"b"})"), "model: expected once, found twice");
  EXPECT_EQ(refusal(R"({"model":"a","\u006dodel":"b"})"), "model: expected once, found twice");
  EXPECT_EQ(refusal(R"({"model":"a","stream":true,"stream":true})"),
            "stream: expected once, found twice");
  EXPECT_EQ(refusal(R"({"model":"a","stream_options":{},"stream_options":{}})"),
            "stream_options: expected once, found twice");
}

TEST(RequestScan, AllowsANestedMemberOfTheSameName) {
  EXPECT_TRUE(scan(R"({"metadata":{"model":"x","model":"y"},"model":"a"})"));
}

TEST(RequestScan, NamesTheMemberAtFault) {
  EXPECT_THAT(refusal(R"({"messages":[]})"), StartsWith("model: expected a string"));
  EXPECT_EQ(refusal(R"({"model":7})"), "model: expected a string");
  EXPECT_EQ(refusal(R"({"model":null})"), "model: expected a string");
  EXPECT_THAT(refusal(R"({"model":""})"), StartsWith("model: expected 1 to 512 bytes"));
  EXPECT_THAT(refusal(R"({"model":"a\nX-Evil: 1"})"), StartsWith("model: expected 1 to 512"));
  EXPECT_THAT(refusal("{\"model\":\"" + std::string(513, 'm') + "\"}"), StartsWith("model:"));
  EXPECT_THAT(refusal(R"({"model":"\x"})"), StartsWith("model:"));
  EXPECT_EQ(refusal(R"({"model":"a","stream":"yes"})"), "stream: expected true or false");
  EXPECT_EQ(refusal(R"({"model":"a","stream_options":[]})"), "stream_options: expected an object");
  EXPECT_EQ(refusal(R"({"model":"a","stream_options":{"include_usage":{}}})"),
            "stream_options.include_usage: expected true or false");
}

TEST(RequestScan, RefusesWhatIsNotOneJsonObject) {
  for (const char* body : {"",
                           " ",
                           "[]",
                           "null",
                           "\"model\"",
                           "{",
                           "}",
                           "{}{}",
                           "{\"model\":\"a\"",
                           "{\"model\":\"a\"}}",
                           "{\"model\":\"a\"} x",
                           "{\"model\":\"a\",}",
                           "{\"model\" \"a\"}",
                           "{\"model\":\"a\" \"b\":1}",
                           "{\"model\":\"a\",\"b\":[1,]}",
                           "{\"model\":\"a\",\"b\":[1 2]}",
                           "{\"model\":\"a\",\"b\":[}",
                           "{\"model\":\"a\",\"b\":{]}",
                           "{\"model\":\"a\",\"b\":tru}",
                           "{\"model\":\"a\",\"b\":t\"\"}",
                           "{\"model\":\"a\",\"b\":\"c\"d}",
                           "{model:\"a\"}",
                           "{\"model\":\"a\",1:2}",
                           "{\"model\":\"a\",\"b\":}",
                           "{\"model\":\"a\",\"b\":1-}x",
                           "{\"model\":\"a\nb\"}",
                           "{\"model\":\"a\",\"b\":\"\xff\"}",
                           "\xEF\xBB\xBF{\"model\":\"a\"}",
                           "{\"model\":\"a\",\"b\":nul1}",
                           "{\"model\":\"a\",\"b\":1x2}",
                           "{\"model\":\"a\",\"\\q\":2}",
                           "{\"model\":\"a\",\"messages\":[{\"role\"}]}"}) {
    EXPECT_THAT(refusal(body), StartsWith("body: ")) << body;
  }
}

TEST(RequestScan, AllowsSixtyFourLevelsAndNotOneMore) {
  const auto nested = [](std::size_t levels) {
    return R"({"model":"m","x":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') +
           "}";
  };

  EXPECT_TRUE(scan(nested(64)));
  EXPECT_THAT(refusal(nested(65)), HasSubstr("at most 64 levels"));
  EXPECT_THAT(refusal(nested(100'000)), HasSubstr("at most 64 levels"));
  EXPECT_THAT(refusal(R"({"model":"m","messages":[{"content":[)" + std::string(70, '[')),
              HasSubstr("at most 64 levels"));
}

TEST(RequestScan, ReadsNothingBeyondItsBytes) {
  const std::string text = R"({"model":"m","stream":true})";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    // An exact allocation: AddressSanitizer sees a byte too many.
    const std::vector<char> exact(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(scan({exact.data(), exact.size()}).has_value(), size == text.size());
  }
}

TEST(RequestScan, ServesOneBodyAfterAnother) {
  RequestScanner scanner;
  const std::string large = R"({"model":"large","x":")" + std::string(3'000'000, 'x') + "\"}";

  EXPECT_EQ(scanner.scan(R"({"model":"a"})")->model, "a");
  EXPECT_EQ(scanner.scan(large)->model, "large");
  EXPECT_FALSE(scanner.scan("{"));
  EXPECT_EQ(scanner.scan(R"({"model":"b"})")->model, "b");
}

}  // namespace
}  // namespace vdm::proxy::request_scan_test
