#include "common/http/message.h"

#include <gtest/gtest.h>

namespace vdm::http::message_test {
namespace {

TEST(Query, IsDecodedInTheOrderSent) {
  const auto pairs = parse_query("b=1&a=x%20y+z&flag&b=2&&e=", 64);

  ASSERT_TRUE(pairs);
  const Request::Pairs wanted{{"b", "1"}, {"a", "x y z"}, {"flag", ""}, {"b", "2"}, {"e", ""}};
  EXPECT_EQ(*pairs, wanted);
}

TEST(Query, RefusesMoreParametersThanAllowed) {
  EXPECT_TRUE(parse_query("a=1&b=2", 2));

  const auto refused = parse_query("a=1&b=2&c=3", 2);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::InvalidRequest);
}

TEST(Query, RefusesEscapesThatAreNone) {
  for (const auto* text : {"a=%", "a=%1", "a=%zz", "%=1", "a=%00"}) {
    EXPECT_FALSE(parse_query(text, 64)) << text;
  }
}

TEST(Request, FindsAHeaderInWhateverCaseItWasSent) {
  Request request;
  request.headers = {{"X-Api-Key", "k"}, {"CONTENT-TYPE", " Application/JSON ; charset=utf-8"}};

  ASSERT_TRUE(request.header("x-api-key"));
  EXPECT_EQ(*request.header("x-api-key"), "k");
  EXPECT_FALSE(request.header("x-api-ke"));
  EXPECT_EQ(request.media_type(), "application/json");
}

}  // namespace
}  // namespace vdm::http::message_test
