#include "proxy-service/convert/json/raw_arguments.h"

#include <gtest/gtest.h>

#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy::raw_arguments_test {
namespace {

TEST(RawArguments, AreAnObjectWhereTheyAreOne) {
  EXPECT_EQ(json_text(arguments_object(R"({ "a": 1 })")), R"({"a":1})");
  EXPECT_EQ(json_text(arguments_object("")), "{}");
  EXPECT_EQ(json_text(arguments_object(" \n")), "{}");
}

TEST(RawArguments, AreKeptAsTheyCameWhereTheyAreNone) {
  for (const std::string_view text : {R"({"a": )", "[1]", "true", "7", "words", R"("words")"}) {
    const boost::json::object object = arguments_object(text);

    EXPECT_EQ(object.at("_raw_arguments").as_string(), text);
    EXPECT_EQ(arguments_text(object), text);
  }
}

TEST(RawArguments, AreKeptWhereTheyAreTooDeep) {
  std::string deep = R"({"a":)";
  deep.append(100, '[').append(100, ']').append("}");

  EXPECT_EQ(arguments_text(arguments_object(deep)), deep);
}

// Ways to say "no arguments": llama.cpp and vLLM send an empty text and null (github.com/BerriAI/
// litellm, issues on "arguments": "null"), PHP writes an empty object as [].
TEST(RawArguments, AreEmptyInAllTheWaysThatMeanNone) {
  for (const std::string_view none :
       {"", " ", "\n", "null", " null ", "[]", "[ ]", R"("")", R"("null")"}) {
    EXPECT_EQ(json_text(arguments_object(none)), "{}") << none;
    EXPECT_EQ(arguments_meant_by(none), "{}") << none;
  }
}

// GLM and Qwen behind some servers write the text of the arguments as a JSON string once more.
TEST(RawArguments, AreReadWhenTheyAreWrittenTwiceOver) {
  const std::string_view twice = R"("{\"a\":\"b\\\"c\"}")";

  EXPECT_EQ(json_text(arguments_object(twice)), R"({"a":"b\"c"})");
  EXPECT_EQ(arguments_meant_by(twice), R"({"a":"b\"c"})");
}

TEST(RawArguments, AreTheTextWhereATextStandsForAnObject) {
  EXPECT_EQ(arguments_text(boost::json::value(R"({"a":1})")), R"({"a":1})");
  EXPECT_EQ(arguments_text(boost::json::value("words")), "words");
}

TEST(RawArguments, AreNoMoreThanAnEmptyObjectWithoutOne) {
  EXPECT_EQ(arguments_text(nullptr), "{}");
  EXPECT_EQ(arguments_text(boost::json::value(7)), "{}");
  EXPECT_EQ(arguments_text(boost::json::array()), "{}");
}

}  // namespace
}  // namespace vdm::proxy::raw_arguments_test
