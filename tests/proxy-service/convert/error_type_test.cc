#include "proxy-service/convert/error_type.h"

#include <gtest/gtest.h>

namespace vdm::proxy {
namespace {

TEST(StatusSaid, IsThatOfTheType) {
  EXPECT_EQ(status_said("overloaded_error", ""), 529);
  EXPECT_EQ(status_said("rate_limit_error", "whatever"), 429);
  EXPECT_EQ(status_said("billing_error", ""), 402);
}

TEST(StatusSaid, IsThatOfTheCodeWhereTheTypeTellsNothing) {
  EXPECT_EQ(status_said("tokens", "rate_limit_exceeded"), 429);
  EXPECT_EQ(status_said("", "503"), 503);
}

TEST(StatusSaid, IsNoneWhereNeitherTells) {
  EXPECT_EQ(status_said("odd", "odder"), 0);
  EXPECT_EQ(status_said("", "200"), 0);
}

TEST(ErrorType, IsTheWordOfEachDialect) {
  EXPECT_EQ(anthropic_error_type(429), "rate_limit_error");
  EXPECT_EQ(anthropic_error_type(418), "invalid_request_error");
  EXPECT_EQ(openai_error_type(503), "overloaded_error");
  EXPECT_EQ(openai_error_type(500), "server_error");
}

}  // namespace
}  // namespace vdm::proxy
