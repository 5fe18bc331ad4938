#include "proxy-service/convert/json/thinned_json.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy::thinned_json_test {
namespace {

constexpr ThinnedJson::Options Short{
    .text_bytes_min = 20, .text_bytes_kept = 4, .data_bytes_min = 60, .data_bytes_kept = 25};

std::string messages(std::string_view content) {
  return R"({"messages":[{"role":"user","content":)" + std::string(content) + "}]}";
}

ThinnedJson thinned(std::string_view body, const ThinnedJson::Options& options = Short) {
  auto made = ThinnedJson::of(body, options);
  EXPECT_TRUE(made);
  return std::move(*made);
}

TEST(ThinnedJson, IsTheBodyItselfWithoutALongString) {
  const std::string body = messages(R"("short")");

  EXPECT_EQ(thinned(body).text().data(), body.data());
  EXPECT_EQ(thinned(body).put_back("written"), "written");
}

TEST(ThinnedJson, KeepsBeginAndEndOfALongTextAndPutsItsMiddleBack) {
  const std::string body = messages(R"("abcd0123456789012345wxyz")");
  const ThinnedJson thin = thinned(body);

  EXPECT_EQ(thin.text().find("0123456789012345"), std::string_view::npos);
  EXPECT_NE(thin.text().find("\"abcd[[vdm:"), std::string_view::npos);
  EXPECT_NE(thin.text().find("]]wxyz\""), std::string_view::npos);
  EXPECT_EQ(thin.put_back(std::string(thin.text())), body);
  EXPECT_EQ(thin.put_back("x" + std::string(thin.text()) + thin.text().data()[0]),
            "x" + body + "{");
}

TEST(ThinnedJson, PutsAMiddleBackAsOftenAsItsMarkStands) {
  const std::string body = messages(R"("abcd0123456789012345wxyz")");
  const ThinnedJson thin = thinned(body);

  EXPECT_EQ(thin.put_back(std::string(thin.text()) + std::string(thin.text())), body + body);
}

TEST(ThinnedJson, LeavesWholeWhatAConversionLooksInto) {
  const std::string text = "\"abcd0123456789012345wxyz\"";
  for (const std::string& body :
       {R"({"tools":[{"description":)" + text + R"(,"text":)" + text + "}]}",
        R"({"model":)" + text + R"(,"text":)" + text + "}",
        messages(R"([{"type":"x","id":)" + text + R"(,"arguments":)" + text + "}]"),
        messages(R"([)" + text + "]"),
        messages(R"([{"type":"file","file":{"file_data":)" +
                 ("\"data:text/plain;base64," + std::string(100, 'A') + "\"") + "}}]")}) {
    EXPECT_EQ(thinned(body).text(), body) << thinned(body).text();
  }
}

TEST(ThinnedJson, LeavesABlankTextWhole) {
  const std::string body = messages(R"("    \n\n\n\n                        ")");

  EXPECT_EQ(thinned(body).text(), body);
}

TEST(ThinnedJson, CutsNoEscapeAndNoCharacterWhereverItStands) {
  for (const std::string_view piece :
       {"\\n", "\\\\", "\\\"", "\\u00e9", "\\ud83d\\ude00", "\u00e9", "\u20ac", "\U0001F600"}) {
    for (std::size_t at = 1; at < 40; ++at) {
      std::string text(40, 'a');
      text.insert(at, piece);
      for (const std::string& raw :
           {text, text + std::string(piece),
            text.substr(0, at) + std::string(piece) + std::string(piece) + text.substr(at)}) {
        SCOPED_TRACE(raw);
        const std::string body = messages("\"" + raw + "\"");
        const ThinnedJson thin = thinned(body);
        const auto parsed = parse_body(thin.text());
        ASSERT_TRUE(parsed) << thin.text();
        const auto whole = parse_body(thin.put_back(json_text(*parsed)));
        ASSERT_TRUE(whole);
        EXPECT_EQ(boost::json::value(*whole), boost::json::value(*parse_body(body)));
      }
    }
  }
}

TEST(ThinnedJson, EscapesOnceMoreWhatBecomesAText) {
  ThinnedJson::Options options = Short;
  options.written_as_text = "input";
  const std::string body =
      messages(R"([{"type":"tool_use","input":{"file":"abcd\"\\\n\u00e9012345678901234wxyz"}}])");
  const ThinnedJson thin = thinned(body, options);
  const auto request = parse_body(thin.text());
  ASSERT_TRUE(request);
  const auto& block = request->at("messages").at(0).at("content").at(0);
  const std::string arguments = json_text(block.at("input"));

  const std::string whole = thin.put_back(json_text({{"arguments", arguments}}));

  const auto plain = parse_body(body);
  const std::string wanted = json_text(plain->at("messages").at(0).at("content").at(0).at("input"));
  const auto written = parse_body(whole);
  ASSERT_TRUE(written) << whole;
  EXPECT_EQ(*parse_value(std::string_view(written->at("arguments").as_string())),
            *parse_value(wanted));
}

TEST(ThinnedJson, LeavesWholeWhatStandsBelowThatNameElsewhere) {
  ThinnedJson::Options options = Short;
  options.written_as_text = "input";
  const std::string body =
      R"({"messages":[{"input":{"text":"abcd0123456789012345wxyz"},"role":"user"}]})";

  EXPECT_EQ(thinned(body, options).text(), body);
}

TEST(ThinnedJson, DoesNotTakeATextForItsMark) {
  const std::string first = messages(R"("abcd0123456789012345wxyz")");
  const ThinnedJson of_first = thinned(first);
  const std::size_t at = of_first.text().find("[[vdm:");
  const std::string mark(of_first.text().substr(at, of_first.text().find("]]") + 2 - at));
  const std::string body = messages("\"" + mark + "0123456789012345wxyz\"");

  const ThinnedJson thin = thinned(body);

  EXPECT_EQ(thin.put_back(std::string(thin.text())), body);
}

TEST(ThinnedJson, RefusesABodyOfTooManyValuesAndSaysHowManyItMayHave) {
  ThinnedJson::Options options = Short;
  options.values_max = 10;

  EXPECT_TRUE(ThinnedJson::of("[1,2,3,4,5,6,7,8,9,10]", options));
  for (const std::string_view body :
       {"[1,2,3,4,5,6,7,8,9,10,11]", "[[],[],[],[],[],[]]",
        R"({"a":{"b":{"c":{"d":{"e":{"f":{}}}}}},"g":[[[]]],"h":1})"}) {
    const auto refused = ThinnedJson::of(body, options);
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().kind, ErrorKind::TooLarge);
    EXPECT_NE(refused.error().message.find("at most 10"), std::string::npos);
  }
}

TEST(ThinnedJson, LeavesWhatIsNoJsonToTheParser) {
  for (const std::string_view body :
       {"", "\"", "{\"messages", "[[[", "]]}}", "{\"messages\":[\"a", "\\\"", ",,,:"}) {
    const auto thin = ThinnedJson::of(body, Short);
    ASSERT_TRUE(thin);
    EXPECT_EQ(thin->text(), body);
  }
  const std::string deep(200, '[');
  EXPECT_EQ(thinned(deep + "\"abcd0123456789012345wxyz\"").text().size(), deep.size() + 26);
}

}  // namespace
}  // namespace vdm::proxy::thinned_json_test
