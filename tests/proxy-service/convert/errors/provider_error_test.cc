#include "proxy-service/convert/errors/provider_error.h"

#include <gtest/gtest.h>

namespace vdm::proxy::provider_error_test {
namespace {

TEST(ProviderError, IsReadFromWhateverCame) {
  EXPECT_EQ(read_provider_error(502, "<html>Bad <b>gateway</b></html>").message,
            "the provider answered with status 502 and no message");
  EXPECT_EQ(read_provider_error(500, "").message,
            "the provider answered with status 500 and no body");
  EXPECT_EQ(read_provider_error(400, R"({"detail":"Bad."})").message, "Bad.");
  EXPECT_EQ(read_provider_error(400, R"({"object":"error","message":"Bad."})").message, "Bad.");
  EXPECT_EQ(read_provider_error(400, R"({"error":"Bad."})").message, "Bad.");
  EXPECT_EQ(read_provider_error(400, "[]").status, 400);
}

TEST(ProviderError, InASuccessfulAnswerHasTheStatusItNames) {
  EXPECT_EQ(read_provider_error(200, R"({"error":{"code":429,"message":"Slow."}})").status, 429);
  EXPECT_EQ(read_provider_error(200, R"({"error":{"code":7,"message":"Odd."}})").status, 502);
  EXPECT_EQ(read_provider_error(200, R"({"error":{"type":"rate_limit_error"}})").status, 429);
  EXPECT_EQ(read_provider_error(200, R"({"error":{"code":"rate_limit_exceeded"}})").status, 429);
}

TEST(ProviderError, HasNoCodeOrParameterThatIsNoWord) {
  const auto error =
      read_provider_error(400, R"({"error":{"message":"No.","code":"a b","param":"my words"}})");

  EXPECT_EQ(error.code, "");
  EXPECT_EQ(error.param, "");
}

TEST(ProviderError, IsCutBetweenCharacters) {
  std::string body = R"({"error":{"message":"x)";
  for (int i = 0; i < 3000; ++i) body.append("ß");
  body.append(R"("}})");

  EXPECT_EQ(read_provider_error(400, body).message.size(), ProviderError::message_bytes_max - 1);
}

TEST(ProviderError, HasWordsOrSaysThatItHasNone) {
  EXPECT_TRUE(read_provider_error(400, R"({"detail":"Bad."})").has_words);
  EXPECT_FALSE(read_provider_error(400, "").has_words);
  EXPECT_FALSE(read_provider_error(502, "<html>").has_words);
}

TEST(ProviderError, IsNamedByItsTypeOrCode) {
  EXPECT_EQ(read_provider_error(400, R"({"error":{"type":"t","code":"c"}})").type, "t");
  EXPECT_EQ(
      read_provider_error(429, R"({"error":{"type":"tokens","code":"rate_limit_exceeded"}})").type,
      "rate_limit_exceeded");
  EXPECT_EQ(
      read_provider_error(400, R"([{"error":{"code":400,"status":"INVALID_ARGUMENT"}}])").type,
      "INVALID_ARGUMENT");
  EXPECT_EQ(read_provider_error(400, R"({"error":{"code":1214}})").type, "1214");
}

// Words of an end: openrouter.ai ("error"), api-docs.deepseek.com, docs.z.ai.
TEST(ProviderError, IsTheWordThatAnAnswerEndedWith) {
  const ProviderError named = read_provider_error(
      200, R"({"choices":[{"finish_reason":"error","error":{"code":429,"message":"Slow."}}]})");
  const ProviderError overloaded = read_provider_error(
      200, R"({"choices":[{"delta":{},"finish_reason":"insufficient_system_resource"}]})");
  const ProviderError native = read_provider_error(
      200, R"({"choices":[{"finish_reason":"stop","native_finish_reason":"network_error"}]})");
  const ProviderError anthropic = read_provider_error(
      200, R"({"type":"message_delta","delta":{"stop_reason":"network_error"}})");

  EXPECT_EQ(named.status, 429);
  EXPECT_EQ(named.message, "Slow.");
  EXPECT_EQ(overloaded.status, 503);
  EXPECT_EQ(overloaded.kind, ProviderError::Kind::Overloaded);
  EXPECT_EQ(overloaded.message,
            "the provider ended its answer with 'insufficient_system_resource'");
  EXPECT_EQ(native.status, 502);
  EXPECT_EQ(native.type, "network_error");
  EXPECT_EQ(anthropic.message, "the provider ended its answer with 'network_error'");
  EXPECT_EQ(anthropic.type, "network_error");
}

}  // namespace
}  // namespace vdm::proxy::provider_error_test
