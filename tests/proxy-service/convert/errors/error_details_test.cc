#include "proxy-service/convert/errors/error_details.h"

#include <gtest/gtest.h>

#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy::error_details_test {
namespace {

ErrorDetails read(std::string_view body) {
  const auto parsed = parse_value(body);
  EXPECT_TRUE(parsed) << body;
  return parsed ? details_in(*parsed) : ErrorDetails{};
}

struct Words {
  std::string_view body;
  std::string_view message;
};

// Each as its maker writes it.
TEST(ErrorDetails, FindTheWordsWhereverTheyStand) {
  constexpr Words Cases[] = {
      {R"({"error":{"message":"m","type":"t"}})", "m"},                                // OpenAI
      {R"({"type":"error","error":{"type":"t","message":"m"}})", "m"},                 // Anthropic
      {R"([{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}])", "m"},  // Gemini
      {R"({"object":"error","message":"m","type":"BadRequestError","code":400})", "m"},  // vLLM
      {R"({"error":"m"})", "m"},                                                         // Ollama
      {R"({"error":["m","n"]})", "m; n"},  // Hugging Face's servers
      {R"({"error":[],"message":"m"})", "m"},
      {R"({"message":"m"})", "m"},                                           // Cohere, Bedrock
      {R"({"detail":"m"})", "m"},                                            // FastAPI
      {R"({"errors":[{"code":7003,"message":"m"}],"success":false})", "m"},  // Cloudflare
      {R"({"errors":["m"]})", "m"},
      {R"({"error":"Bad Request","message":["m"],"statusCode":400})", "m"},  // NestJS
      {R"({"title":"Bad Request","detail":"m","status":400})", "m"},         // RFC 9457
      {R"({"base_resp":{"status_code":1008,"status_msg":"m"}})", "m"},       // MiniMax
      {R"({"error":{"message":{"message":"m"}}})", "m"},
      {R"({"choices":[{"finish_reason":"error","error":{"code":502,"message":"m"}}]})", "m"},
      {R"({"code":"InvalidParameter","message":"m","request_id":"r"})", "m"},  // Alibaba
      {R"({"fault":1})", ""},
      {R"({"error":{}})", ""},
      {"7", ""},
      {R"("m")", "m"},
  };
  for (const auto& [body, message] : Cases) EXPECT_EQ(read(body).message, message) << body;
}

// FastAPI's servers: Mistral wraps the list in message, SGLang and vLLM send it bare.
TEST(ErrorDetails, NameThePlaceThatAValidatorRefuses) {
  const ErrorDetails bare = read(
      R"({"detail":[{"type":"extra_forbidden","loc":["body","messages",3,"content",1,"x"],
                     "msg":"Extra inputs are not permitted","input":1},
                    {"loc":["body","stop"],"msg":"Input should be a list"}]})");
  const ErrorDetails mistral = read(
      R"({"object":"error","message":{"detail":[{"type":"extra_forbidden",
          "loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]},
          "type":"invalid_request_error","param":null,"code":null})");

  EXPECT_EQ(bare.message,
            "messages.3.content.1.x: Extra inputs are not permitted; stop: Input should be a list");
  EXPECT_EQ(bare.param, "messages.3.content.1.x");
  EXPECT_EQ(bare.type, "");
  EXPECT_EQ(mistral.message, "stream_options: Extra inputs are not permitted");
  EXPECT_EQ(mistral.type, "invalid_request_error");
  EXPECT_EQ(mistral.param, "stream_options");
}

// openrouter.ai/docs/api-reference/errors: metadata.raw is the provider's own body, as text.
TEST(ErrorDetails, AreThoseOfTheProviderBehindTheOneThatTellsThem) {
  const ErrorDetails details = read(
      R"({"error":{"message":"Provider returned error","code":400,"metadata":{"provider_name":"X",
          "raw":"{\"error\":{\"message\":\"m\",\"type\":\"t\",\"code\":\"c\"}}"}}})");

  EXPECT_EQ(details.message, "m");
  EXPECT_EQ(details.type, "t");
  EXPECT_EQ(details.code, "c");
  EXPECT_EQ(details.number, 400);
  EXPECT_EQ(read(R"({"error":{"message":"no","metadata":{"raw":"plain words"}}})").message,
            "plain words");
  EXPECT_EQ(read(R"({"error":{"message":"m","metadata":{"raw":"<html>gone</html>"}}})").message,
            "m");
}

TEST(ErrorDetails, AreReadFromJsonWithinAText) {
  EXPECT_EQ(read(R"({"detail":"{\"error\":{\"code\":400,\"message\":\"m\"}}"})").message, "m");
  EXPECT_EQ(read(R"({"error":{"message":"[{\"error\":{\"message\":\"m\"}}]"}})").message, "m");
  EXPECT_EQ(read(R"({"error":{"message":"{not json"}})").message, "{not json");
}

TEST(ErrorDetails, HaveTheNumbersThatLlamaCppStates) {
  const ErrorDetails details = read(
      R"({"error":{"code":400,"message":"the request exceeds the available context size, try )"
      R"(increasing it","type":"exceed_context_size_error","n_prompt_tokens":9412,"n_ctx":8192}})");

  EXPECT_EQ(details.used, 9412);
  EXPECT_EQ(details.limit, 8192);
}

TEST(ErrorDetails, AreLookedForInABoundedDepth) {
  std::string deep = R"({"message":"m"})";
  for (int i = 0; i < 20; ++i) deep = R"({"error":)" + deep + "}";

  EXPECT_EQ(read(deep).message, "");
}

}  // namespace
}  // namespace vdm::proxy::error_details_test
