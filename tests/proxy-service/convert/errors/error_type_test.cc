#include "proxy-service/convert/errors/error_type.h"

#include <gtest/gtest.h>

namespace vdm::proxy::error_type_test {
namespace {

TEST(StatusSaid, IsThatOfTheType) {
  EXPECT_EQ(reported_status("overloaded_error", ""), 529);
  EXPECT_EQ(reported_status("rate_limit_error", "whatever"), 429);
  EXPECT_EQ(reported_status("billing_error", ""), 402);
}

TEST(StatusSaid, IsThatOfTheCodeWhereTheTypeTellsNothing) {
  EXPECT_EQ(reported_status("tokens", "rate_limit_exceeded"), 429);
  EXPECT_EQ(reported_status("", "503"), 503);
}

TEST(StatusSaid, IsNoneWhereNeitherTells) {
  EXPECT_EQ(reported_status("odd", "odder"), 0);
  EXPECT_EQ(reported_status("", "200"), 0);
}

TEST(ErrorType, IsTheWordOfEachDialect) {
  EXPECT_EQ(anthropic_error_type(429), "rate_limit_error");
  EXPECT_EQ(anthropic_error_type(418), "invalid_request_error");
  EXPECT_EQ(openai_error_type(503), "overloaded_error");
  EXPECT_EQ(openai_error_type(500), "server_error");
}

}  // namespace
}  // namespace vdm::proxy::error_type_test
