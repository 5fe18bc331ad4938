#include "proxy-service/convert/errors/error_body.h"

#include <gtest/gtest.h>

namespace vdm::proxy::error_body_test {
namespace {

std::string to_anthropic(int status, std::string_view body) {
  const ErrorBody answer =
      error_answer(Dialect::Anthropic, read_provider_error(status, body), "req_1");
  return std::to_string(answer.status) + " " + answer.body;
}

std::string to_openai(int status, std::string_view body) {
  const ErrorBody answer =
      error_answer(Dialect::OpenAi, read_provider_error(status, body), "req_1");
  return std::to_string(answer.status) + " " + answer.body;
}

std::string anthropic(std::string_view status, std::string_view type, std::string_view message) {
  return std::string(status)
      .append(R"( {"type":"error","error":{"type":")")
      .append(type)
      .append(R"(","message":")")
      .append(message)
      .append(R"("},"request_id":"req_1"})");
}

std::string openai(std::string_view status, std::string_view message, std::string_view type,
                   std::string_view code) {
  return std::string(status)
      .append(R"( {"error":{"message":")")
      .append(message)
      .append(R"(","type":")")
      .append(type)
      .append(R"(","param":null,"code":)")
      .append(code)
      .append("}}");
}

TEST(ErrorBody, SaysAnOpenAiErrorInAnthropicsWords) {
  const auto body = R"({"error":{"message":"No.","type":"x","param":null,"code":null}})";

  EXPECT_EQ(to_anthropic(400, body), anthropic("400", "invalid_request_error", "No."));
  EXPECT_EQ(to_anthropic(401, body), anthropic("401", "authentication_error", "No."));
  EXPECT_EQ(to_anthropic(403, body), anthropic("403", "permission_error", "No."));
  EXPECT_EQ(to_anthropic(404, body), anthropic("404", "not_found_error", "No."));
  EXPECT_EQ(to_anthropic(413, body), anthropic("413", "request_too_large", "No."));
  EXPECT_EQ(to_anthropic(429, body), anthropic("429", "rate_limit_error", "No."));
  EXPECT_EQ(to_anthropic(500, body), anthropic("500", "api_error", "No."));
  EXPECT_EQ(to_anthropic(503, body), anthropic("529", "overloaded_error", "No."));
  EXPECT_EQ(to_anthropic(504, body), anthropic("504", "timeout_error", "No."));
}

TEST(ErrorBody, SaysAnAnthropicErrorInOpenAisWords) {
  const auto body = R"({"type":"error","error":{"type":"x_error","message":"No."}})";

  EXPECT_EQ(to_openai(400, body), openai("400", "No.", "invalid_request_error", "null"));
  EXPECT_EQ(to_openai(401, body),
            openai("401", "No.", "authentication_error", R"("invalid_api_key")"));
  EXPECT_EQ(to_openai(404, body),
            openai("404", "No.", "invalid_request_error", R"("model_not_found")"));
  EXPECT_EQ(to_openai(429, body),
            openai("429", "No.", "rate_limit_error", R"("rate_limit_exceeded")"));
  EXPECT_EQ(to_openai(500, body), openai("500", "No.", "server_error", "null"));
  EXPECT_EQ(to_openai(529, body),
            openai("503", "No.", "overloaded_error", R"("server_overloaded")"));
}

TEST(ErrorBody, TellsAnEmptyAccountFromARateLimit) {
  EXPECT_EQ(to_anthropic(429, R"({"error":{"code":"insufficient_quota","message":"Pay."}})"),
            anthropic("402", "billing_error", "Pay."));
  EXPECT_EQ(to_openai(400, R"({"error":{"message":"Your credit balance is too low"}})"),
            openai("429", "Your credit balance is too low", "insufficient_quota",
                   R"("insufficient_quota")"));
}

TEST(ErrorBody, KeepsTheParameterThatOpenAiNames) {
  const auto error = read_provider_error(400, R"({"error":{"message":"No.","param":"tools[0]"}})");

  EXPECT_EQ(error_answer(Dialect::OpenAi, error, "").body,
            R"({"error":{"message":"No.","type":"invalid_request_error","param":"tools[0]",)"
            R"("code":null}})");
}

}  // namespace
}  // namespace vdm::proxy::error_body_test
