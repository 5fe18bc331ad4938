#include "proxy-service/convert/json/raw_arguments.h"

#include <gtest/gtest.h>

#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {
namespace {

TEST(RawArguments, AreAnObjectWhereTheyAreOne) {
  EXPECT_EQ(json_text(arguments_object(R"({ "a": 1 })")), R"({"a":1})");
  EXPECT_EQ(json_text(arguments_object("")), "{}");
  EXPECT_EQ(json_text(arguments_object(" \n")), "{}");
}

TEST(RawArguments, AreKeptAsTheyCameWhereTheyAreNone) {
  for (const std::string_view text : {R"({"a": )", "[1]", "null", "words", R"("{}")"}) {
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

TEST(RawArguments, AreNoMoreThanAnEmptyObjectWithoutOne) {
  EXPECT_EQ(arguments_text(nullptr), "{}");
  EXPECT_EQ(arguments_text("text"), "{}");
}

}  // namespace
}  // namespace vdm::proxy
