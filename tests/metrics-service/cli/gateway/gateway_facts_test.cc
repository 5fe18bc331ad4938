#include "metrics-service/cli/gateway/gateway_facts.h"

#include <gtest/gtest.h>

namespace vdm::cli::gateway_facts_test {
namespace {

TEST(GatewayFacts, ReadsWhatAProxySaysOfItself) {
  const auto facts = read_gateway_facts(R"({"status":"healthy","instance_id":"i",
      "client_api_key_validation":true,"providers":{
        "a":{"api_format":"anthropic","auth_mode":"api_key"},
        "p":{"api_format":"openai","auth_mode":"passthrough"}}})");

  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->wants_key);
  EXPECT_TRUE(facts->find("a")->anthropic);
  EXPECT_FALSE(facts->find("a")->passthrough);
  EXPECT_TRUE(facts->passes_claudes_own());
  EXPECT_EQ(facts->find("b"), nullptr);
}

TEST(GatewayFacts, TellWhetherClaudeCodesOwnKeyIsWhatItsRequestsAreMadeWith) {
  const std::string providers = R"("instance_id":"i","client_api_key_validation":false,"providers":{
        "a":{"api_format":"anthropic","auth_mode":"api_key"},
        "p":{"api_format":"anthropic","auth_mode":"passthrough"}})";
  const auto asked = [&](const std::string& name) {
    return read_gateway_facts("{" + providers + R"(,"serves_bare_names":{"anthropic":)" + name +
                              "}}")
        ->passes_claudes_own();
  };

  EXPECT_TRUE(asked(R"("p")"));
  EXPECT_FALSE(asked(R"("a")"));
}

TEST(GatewayFacts, KnowsAProxyThatTellsNoMoreThanThatItLives) {
  const auto facts = read_gateway_facts(R"({"status":"healthy","service":"vdm-proxy"})");

  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->told);
  EXPECT_TRUE(facts->wants_key);
}

TEST(GatewayFacts, TakesNothingElseForAProxy) {
  for (const char* health : {"", "ok", "{}", R"({"status":"ok","version":"1","commit":"c"})",
                             R"({"instance_id":"i","providers":{}})"}) {
    EXPECT_FALSE(read_gateway_facts(health)) << health;
  }
}

TEST(GatewayFacts, KnowsAMetricsServiceByItsHealth) {
  EXPECT_TRUE(is_metrics_health(R"({"status":"ok","version":"1","commit":"c"})"));
  EXPECT_TRUE(is_metrics_health(R"({"status":"ok","service":"vdm-metrics"})"));
  EXPECT_FALSE(is_metrics_health(R"({"status":"ok"})"));
}

TEST(GatewayFacts, FindsTheMessageOfAnErrorInEitherDialect) {
  EXPECT_EQ(error_message(R"({"error":{"message":"m"}})"), "m");
  EXPECT_EQ(error_message(R"({"type":"error","error":{"type":"t","message":"n"}})"), "n");
  EXPECT_EQ(error_message("plain"), "");
}

}  // namespace
}  // namespace vdm::cli::gateway_facts_test
