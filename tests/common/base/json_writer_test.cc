#include "common/base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace vdm::json_writer_test {
namespace {

std::string text(std::string_view value) { return JsonWriter().value(value).text(); }

TEST(JsonWriter, SeparatesMembersAndElementsByItself) {
  JsonWriter out;
  out.begin_object()
      .member("a", 1)
      .key("b")
      .begin_array()
      .value(true)
      .null()
      .value("x")
      .end_array();
  out.key("c").begin_object().end_object().member("d", std::optional<int>()).end_object();

  EXPECT_EQ(out.text(), R"({"a":1,"b":[true,null,"x"],"c":{},"d":null})");
}

TEST(JsonWriter, EscapesWhatWouldEndTheStringOrTheLine) {
  EXPECT_EQ(text("a\"b\\c\n\r\t"), R"("a\"b\\c\n\r\t")");
  EXPECT_EQ(text(std::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
  EXPECT_EQ(text("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\"");
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(text("a\xff"), "\"a" + bad + "\"");
  EXPECT_EQ(text("\xc3"), "\"" + bad + "\"") << "cut off";
  EXPECT_EQ(text("\xc0\xaf"), "\"" + bad + bad + "\"") << "overlong";
  EXPECT_EQ(text("\xed\xa0\x80"), "\"" + bad + bad + bad + "\"") << "a surrogate";
  EXPECT_EQ(text("\xf4\x90\x80\x80"), "\"" + bad + bad + bad + bad + "\"") << "past Unicode";
}

TEST(JsonWriter, WritesNumbersThatReadersCanRead) {
  EXPECT_EQ(JsonWriter().value(0.5).text(), "0.5");
  EXPECT_EQ(JsonWriter().value(1764000000.25).text(), "1764000000.25");
  EXPECT_EQ(JsonWriter().value(std::numeric_limits<double>::infinity()).text(), "null");
  EXPECT_EQ(JsonWriter().value(std::numeric_limits<std::uint64_t>::max()).text(),
            "18446744073709551615");
}

}  // namespace
}  // namespace vdm::json_writer_test
