#include <gtest/gtest.h>

#include "proxy-service/convert/chat_to_messages/response.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/messages_to_chat/response.h"
#include "tests/proxy-service/convert/golden.h"

namespace vdm::proxy::response_golden_test {
namespace {

namespace json = boost::json;
using golden::Case;
using golden::Direction;
using golden::pretty;

/// `tools` of a case are the names that its request declared.
Result<json::object> convert(const Case& one, const json::object& answer, Direction direction) {
  ToolNames names;
  if (const json::array* tools = find_array(one.options, "tools")) {
    for (const json::value& tool : *tools) names.legal(tool.as_string());
  }
  if (direction == Direction::ToOpenAi) {
    return response_messages_to_chat(
        answer, {.id = "chatcmpl-01", .model = "gpt-4o", .created = 1'700'000'000}, names);
  }
  return response_chat_to_messages(answer, {.id = "msg_01", .model = "claude-sonnet-4-5"}, names);
}

TEST(ResponseGolden, IsConvertedAsWritten) {
  for (const Case& one : golden::cases("response")) {
    SCOPED_TRACE(one.name);
    const Direction direction = one.directions.front();
    const bool to_openai = direction == Direction::ToOpenAi;
    const auto source = golden::read("response", one.name, to_openai ? "anthropic" : "openai");

    const auto converted = convert(one, source, direction);

    if (!one.refused.empty()) {
      ASSERT_FALSE(converted);
      EXPECT_EQ(converted.error().message, one.refused);
      EXPECT_EQ(converted.error().kind, ErrorKind::UpstreamRejected);
      continue;
    }
    ASSERT_TRUE(converted) << converted.error().message;
    EXPECT_EQ(pretty(*converted),
              pretty(golden::read("response", one.name, to_openai ? "openai" : "anthropic")));
  }
}

TEST(ResponseGolden, KeepsWhatItSaysAfterThereAndBack) {
  for (const Case& one : golden::cases("response")) {
    if (one.directions.front() != Direction::ToAnthropic || !one.refused.empty() || one.one_way)
      continue;
    SCOPED_TRACE(one.name);
    const auto answer = golden::read("response", one.name, "anthropic");

    const auto openai = convert(one, answer, Direction::ToOpenAi);
    ASSERT_TRUE(openai);
    // Names are changed on the way up and restored on the way down; here both are down.
    const auto again = convert({}, *openai, Direction::ToAnthropic);

    ASSERT_TRUE(again);
    EXPECT_EQ(pretty(*again), pretty(answer));
  }
}

}  // namespace
}  // namespace vdm::proxy::response_golden_test
