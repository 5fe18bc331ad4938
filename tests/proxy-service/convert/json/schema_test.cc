#include "proxy-service/convert/json/schema.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace vdm::proxy::schema_test {
namespace {

namespace json = boost::json;

TEST(StrictSchema, NamesAllOfItsPropertiesAndAdmitsNoOthers) {
  for (const char* strict :
       {R"({"type":"object","properties":{},"additionalProperties":false})", R"({"type":"string"})",
        R"({"type":["object","null"],"properties":{"a":{"type":"string"}},"required":["a"],
            "additionalProperties":false})",
        R"({"$defs":{"d":{"type":"object","properties":{},"additionalProperties":false}},
            "type":"object","properties":{},"additionalProperties":false})"}) {
    EXPECT_TRUE(is_strict_schema(json::parse(strict))) << strict;
  }
  for (const char* loose :
       {R"({"type":"object"})", R"({"type":"object","properties":{},"additionalProperties":true})",
        R"({"type":"object","properties":{"a":{}},"additionalProperties":false})",
        R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"object"}}},
            "required":["a"],"additionalProperties":false})",
        R"({"anyOf":[{"type":"string"},{"type":"object"}]})",
        R"({"$defs":{"d":{"type":"object"}},"type":"string"})"}) {
    EXPECT_FALSE(is_strict_schema(json::parse(loose))) << loose;
  }
}

TEST(Schema, GetsPropertiesAtEveryDepth) {
  json::value schema =
      json::parse(R"({"type":"object","properties":{"a":{"items":{"type":"object"}}}})");
  add_properties(schema);
  EXPECT_EQ(schema, json::parse(R"({"type":"object","properties":
      {"a":{"items":{"type":"object","properties":{}}}}})"));
}

TEST(Schema, IsClosedAtEveryDepth) {
  json::value schema = json::parse(
      R"({"anyOf":[{"type":"object","additionalProperties":{"type":"string"}},{"type":"null"}]})");
  forbid_other_properties(schema);
  EXPECT_EQ(
      schema,
      json::parse(R"({"anyOf":[{"type":"object","additionalProperties":false},{"type":"null"}]})"));
}

TEST(Schema, ThatIsNoObjectStaysAsItIs) {
  for (const char* text : {"true", "7", "null", "[]", R"("x")"}) {
    json::value schema = json::parse(text);
    add_properties(schema);
    add_type(schema);
    forbid_other_properties(schema);
    EXPECT_EQ(schema, json::parse(text));
    EXPECT_TRUE(is_strict_schema(schema));
  }
}

}  // namespace
}  // namespace vdm::proxy::schema_test
