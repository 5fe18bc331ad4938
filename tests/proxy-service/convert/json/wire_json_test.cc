#include "proxy-service/convert/json/wire_json.h"

#include <gtest/gtest.h>

namespace vdm::proxy::wire_json_test {
namespace {

std::string nested(std::size_t levels) {
  return std::string(levels - 1, '[').insert(0, R"({"a":)") + std::string(levels - 1, ']') + "}";
}

TEST(ParseBody, IsWrittenAgainAsItWasRead) {
  constexpr std::string_view Text =
      R"({"a":[1,-2,18446744073709551615,0.7,1.0,13.404953999999998,1e-07,true,null],)"
      R"("b":{"c":"\"\\\u0001 größe 😀"},"d":{},"e":[]})";

  EXPECT_EQ(json_text(*parse_body(Text)), Text);
}

TEST(ParseBody, TakesTheLastOfTwoOfTheSameName) {
  EXPECT_EQ(json_text(*parse_body(R"({"a":1,"b":2,"a":3})")), R"({"a":3,"b":2})");
}

TEST(ParseBody, RefusesWhatIsNoObject) {
  EXPECT_EQ(parse_body("[1]").error().message, "body: expected a JSON object");
  EXPECT_EQ(parse_body(R"({"secret)").error().message, "body: not valid JSON near byte 8");
  EXPECT_FALSE(parse_body(""));
  EXPECT_FALSE(parse_body(R"({"a":1}x)"));
  EXPECT_FALSE(parse_body("{\"a\":\"\xff\"}"));
  EXPECT_FALSE(parse_body(R"({"a":1e999})"));
}

TEST(ParseBody, KeepsToTheDepthOfTheWalk) {
  EXPECT_TRUE(parse_body(nested(64)));
  EXPECT_EQ(parse_body(nested(65)).error().message, "body: expected JSON of at most 64 levels");
}

TEST(ParseBody, ReadsTrailingBlanks) { EXPECT_TRUE(parse_body("{} \r\n")); }

}  // namespace
}  // namespace vdm::proxy::wire_json_test
