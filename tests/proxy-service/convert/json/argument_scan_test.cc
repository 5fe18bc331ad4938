#include "proxy-service/convert/json/argument_scan.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace vdm::proxy::argument_scan_test {
namespace {

/// A text written as in a JSON string: what belongs to the arguments, and the rest.
struct Case {
  std::string own;
  std::string rest;
  bool complete;
};

TEST(ArgumentScan, EndsWithTheObject) {
  const Case cases[] = {
      {R"({})", "", true},
      {R"({\"a\":1})", "", true},
      {R"({\"a\":{\"b\":[1,{}]}})", "}", true},
      {R"({\"a\":1} \n)", R"(\"x)", true},
      {R"({\"a\":1})", "{}", true},
      {R"([1])", "2", true},
      {R"({\"a\":\"}\"})", "}", true},
      {R"({\"a\":\"\\\"}\"})", "}", true},
      {R"({\"a\":\"\\\\\"})", "}", true},
      {R"({\u0022a\u0022:\u007b\u007D})", "}", true},
      {R"({\"a\":\"é}\u00e9}\u2022}\"})", "}", true},
      {R"( \n{})", "x", true},
      {R"({\"a\":)", "", false},
      {R"(null)", "", false},
      {R"(5{})", "", false},
      {"", "", false},
  };
  for (const Case& each : cases) {
    ArgumentScan scan;

    EXPECT_EQ(scan.take(each.own + each.rest), each.own.size()) << each.own;
    EXPECT_EQ(scan.complete(), each.complete) << each.own;
  }
}

TEST(ArgumentScan, DoesNotMindWhereTheTextIsCut) {
  // Never within an escape: each piece is a JSON string of its own.
  const std::string_view pieces[] = {R"({\")", R"(a)", R"(\")", R"(:\"\\)", R"(\")", R"(}\")", "}"};
  ArgumentScan scan;

  for (const std::string_view piece : pieces) {
    EXPECT_FALSE(scan.complete());
    EXPECT_EQ(scan.take(piece), piece.size());
  }

  EXPECT_TRUE(scan.complete());
}

TEST(ArgumentScan, KnowsAnObjectWithoutMembers) {
  ArgumentScan bare;
  ArgumentScan nested;

  bare.take(R"( { \n } )");
  nested.take("[{}]");

  EXPECT_TRUE(bare.empty());
  EXPECT_FALSE(nested.empty());
}

}  // namespace
}  // namespace vdm::proxy::argument_scan_test
