#include "proxy-service/convert/content/count_tokens.h"

#include <gtest/gtest.h>

#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy::count_tokens_test {
namespace {

std::uint64_t tokens(std::string_view request) {
  return estimate_input_tokens(*parse_body(request));
}

TEST(EstimateTextTokens, FollowsTheFormula) {
  EXPECT_EQ(estimate_text_tokens(""), 0u);
  EXPECT_EQ(estimate_text_tokens("word"), 1u);
  EXPECT_EQ(estimate_text_tokens("four words of text"), 5u);
  EXPECT_EQ(estimate_text_tokens("{};\n"), 2u);
  EXPECT_EQ(estimate_text_tokens("             "), 2u);  // one lone blank, twelve of a run
  EXPECT_EQ(estimate_text_tokens("größe"), 2u);
  EXPECT_EQ(estimate_text_tokens("日本語"), 3u);
  EXPECT_EQ(estimate_text_tokens("😀"), 2u);
}

TEST(EstimateInputTokens, CountsTextSystemAndMessages) {
  EXPECT_EQ(tokens("{}"), 1u);
  EXPECT_EQ(tokens(R"({"messages":[{"role":"user","content":"word"}]})"), 4u);
  EXPECT_EQ(tokens(R"({"system":"word","messages":[{"role":"user","content":"word"}]})"), 8u);
  EXPECT_EQ(tokens(R"({"messages":[{"role":"user","content":[{"type":"text","text":"word"},
                      {"type":"text","text":"word"}]}]})"),
            5u);
}

TEST(EstimateInputTokens, CountsToolsCallsAndResults) {
  EXPECT_EQ(tokens(R"({"tools":[{"name":"read","description":"Does","input_schema":{}}]})"),
            346u + 8 + 2 + 1);
  EXPECT_EQ(tokens(R"({"messages":[{"role":"assistant","content":[
                      {"type":"tool_use","id":"x","name":"read","input":{}}]}]})"),
            3u + 8 + 2);
  EXPECT_EQ(tokens(R"({"messages":[{"role":"user","content":[
                      {"type":"tool_result","tool_use_id":"x","content":"word"}]}]})"),
            3u + 8 + 1);
}

TEST(EstimateInputTokens, CountsAnImageByItsSize) {
  const auto image = [](std::string_view source) {
    return std::string(R"({"messages":[{"content":[{"type":"image","source":)")
        .append(source)
        .append("}]}]}");
  };

  // The header of a PNG of 750 by 100.
  EXPECT_EQ(tokens(image(R"({"type":"base64","data":"iVBORw0KGgoAAAANSUhEUgAAAu4AAABk"})")),
            3u + 101);
  EXPECT_EQ(tokens(image(R"({"type":"url","url":"https://example.com/a.png"})")), 3u + 1600);
  EXPECT_EQ(tokens(image("5")), 3u + 1600);
}

TEST(EstimateInputTokens, CountsADocumentByItsSizeOrItsText) {
  EXPECT_EQ(tokens(R"({"messages":[{"content":[{"type":"document",
                      "source":{"type":"base64","data":"JVBERi0xLjQK"}}]}]})"),
            3u + 2000);
  EXPECT_EQ(tokens(R"({"messages":[{"content":[{"type":"document",
                      "source":{"type":"text","data":"word"}}]}]})"),
            3u + 1);
}

TEST(EstimateInputTokens, LeavesEarlierThinkingOut) {
  EXPECT_EQ(tokens(R"({"messages":[{"role":"assistant","content":[
                      {"type":"thinking","thinking":"a long thought","signature":"x"}]}]})"),
            3u);
}

}  // namespace
}  // namespace vdm::proxy::count_tokens_test
