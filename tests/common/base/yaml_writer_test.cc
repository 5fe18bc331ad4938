#include "common/base/yaml_writer.h"

#include <gtest/gtest.h>

namespace vdm::yaml_writer_test {
namespace {

TEST(YamlWriter, QuotesWhatYamlWouldReadAsSomethingElse) {
  EXPECT_EQ(yaml_scalar("gpt-4o"), "gpt-4o");
  EXPECT_EQ(yaml_scalar("4o"), "\"4o\"");
  EXPECT_EQ(yaml_scalar("no"), "\"no\"");
  EXPECT_EQ(yaml_scalar("NULL"), "\"NULL\"");
  EXPECT_EQ(yaml_scalar("#x"), "\"#x\"");
  EXPECT_EQ(yaml_scalar(""), "\"\"");
  EXPECT_EQ(yaml_scalar("a\nb: \"c\""), R"("a\nb: \"c\"")");
}

TEST(YamlWriter, NestsMembersAndQuotesWhatWouldBeReadOtherwise) {
  YamlWriter out;
  out.comment("a\nb").member("on", true).begin("x: y").member("name", "no").member("n", 3).end();
  out.empty_line().member("half", 0.5).member("whole", 2.0).raw("none", "null");

  EXPECT_EQ(out.take(),
            "# a b\n\"on\": true\n\"x: y\":\n  name: \"no\"\n  \"n\": 3\n\n"
            "half: 0.5\nwhole: 2.0\nnone: null\n");
}

}  // namespace
}  // namespace vdm::yaml_writer_test
