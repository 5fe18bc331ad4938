#include "proxy-service/providers/model_name.h"

#include <gtest/gtest.h>

namespace vdm::proxy::model_name_test {
namespace {

TEST(ModelName, LosesItsDate) {
  EXPECT_EQ(without_date("claude-haiku-4-5-20251001"), "claude-haiku-4-5");
  EXPECT_EQ(without_date("claude-haiku-4-5@20251001"), "claude-haiku-4-5");
  EXPECT_EQ(without_date("gpt-4o-2024-08-06"), "gpt-4o");
  EXPECT_EQ(without_date("mistral-large-latest"), "mistral-large");
  EXPECT_EQ(without_date("claude-opus-5[1m]"), "claude-opus-5");
  for (const std::string_view whole :
       {"gpt-4o", "", "-latest", "kimi-k2-0905", "[1m]", "20251001"}) {
    EXPECT_EQ(without_date(whole), whole);
  }
}

TEST(ModelName, HasTheVendorNextToItsLastSlash) {
  EXPECT_EQ(vendor_of("openai/gpt-5.4"), "openai");
  EXPECT_EQ(vendor_of("accounts/fireworks/glm-5"), "fireworks");
  EXPECT_EQ(vendor_of("gpt-5.4"), "");
  EXPECT_EQ(without_vendor("openai/gpt-5.4"), "gpt-5.4");
}

TEST(ModelName, IsTheSameWhateverTheSpelling) {
  EXPECT_TRUE(is_same_model("claude-opus-4-6", "anthropic/claude-opus-4.6"));
  EXPECT_TRUE(is_same_model("gpt-4o", "gpt-4o-2024-08-06"));
  EXPECT_TRUE(is_same_model("GLM-5.1", "glm-5.1"));
  EXPECT_FALSE(is_same_model("gpt-5", "gpt-5-mini"));
  EXPECT_FALSE(is_same_model("claude-opus-5", "claude-sonnet-5"));
}

}  // namespace
}  // namespace vdm::proxy::model_name_test
