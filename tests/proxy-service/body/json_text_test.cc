#include "proxy-service/body/json_text.h"

#include <gtest/gtest.h>

namespace vdm::proxy::json_text_test {
namespace {

std::string decoded(std::string_view between_quotes) {
  std::string text;
  return append_decoded(between_quotes, text) ? text : "refused";
}

TEST(JsonText, DecodesEveryEscape) {
  EXPECT_EQ(decoded(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(decoded(R"(a\u0041\u00e9\u4e16)"), "aA\xC3\xA9\xE4\xB8\x96");
  EXPECT_EQ(decoded(R"(\uD83D\uDE00)"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(decoded("plain \xE4\xB8\x96"), "plain \xE4\xB8\x96");
}

TEST(JsonText, PutsAReplacementForHalfAPair) {
  EXPECT_EQ(decoded(R"(\uD83D)"), "\xEF\xBF\xBD");
  EXPECT_EQ(decoded(R"(\uD83Dx)"), "\xEF\xBF\xBDx");
  EXPECT_EQ(decoded(R"(\uDE00\uD83D)"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(decoded(R"(\uD83D\u0041)"),
            "\xEF\xBF\xBD"
            "A");
  EXPECT_EQ(decoded(R"(\uD83D\uE000)"), "\xEF\xBF\xBD\xEE\x80\x80");
  EXPECT_EQ(decoded(R"(\uD83D\uDFFF)"), "\xF0\x9F\x9F\xBF");
}

TEST(JsonText, RefusesWhatIsNoEscape) {
  for (const char* text : {"\\", "\\x", "\\u", "\\u12", "\\u12G4", "\\u-123", "\\u+123"}) {
    EXPECT_EQ(decoded(text), "refused") << text;
  }
}

TEST(JsonText, ReadsBackWhatItQuotes) {
  std::string every;
  for (int c = 1; c < 0x80; ++c) every.push_back(static_cast<char>(c));
  std::string quoted;

  append_quoted(every, quoted);

  EXPECT_EQ(decoded(std::string_view(quoted).substr(1, quoted.size() - 2)), every);
}

TEST(JsonText, KnowsAKeyHoweverItIsWritten) {
  EXPECT_TRUE(key_is("model", "model"));
  EXPECT_TRUE(key_is(R"(\u006dodel)", "model"));
  EXPECT_FALSE(key_is("Model", "model"));
  EXPECT_FALSE(key_is(R"(\x6dodel)", "model"));
}

TEST(JsonText, KnowsAnEscapeThatIsNone) {
  for (const char* legal : {"", "plain", R"(\"\\\/\b\f\n\r\t)", R"(\u00e9\uD83D)", R"(\\q)"}) {
    EXPECT_TRUE(escapes_are_legal(legal)) << legal;
  }
  for (const char* none : {R"(\q)", R"(\u12g4)", R"(\u123)", R"(a\)", R"(\\\x)"}) {
    EXPECT_FALSE(escapes_are_legal(none)) << none;
  }
}

}  // namespace
}  // namespace vdm::proxy::json_text_test
