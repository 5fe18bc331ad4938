#include "metrics-service/cli/gateway/listed_aliases.h"

#include <gtest/gtest.h>

namespace vdm::cli::listed_aliases_test {
namespace {

TEST(ListedAliases, AreThoseOfTheListThatSayWhatTheyStandFor) {
  const auto aliases = listed_aliases(R"({"data":[
      {"id":"claude/fast","alias":"fast","target":"open:small","max_input_tokens":128000},
      {"id":"claude/odd","alias":"odd","target":"open:odd","max_input_tokens":"many"},
      {"id":"claude-x","type":"model","max_input_tokens":5},
      7, {"alias":"without"}],"has_more":false})");

  ASSERT_EQ(aliases.size(), 2u);
  EXPECT_EQ(aliases[0].id, "claude/fast");
  EXPECT_EQ(aliases[0].alias, "fast");
  EXPECT_EQ(aliases[0].target, "open:small");
  EXPECT_EQ(aliases[0].context_tokens, 128'000u);
  EXPECT_EQ(aliases[1].context_tokens, 0u);
}

TEST(ListedAliases, AreNoneWhereThereIsNoList) {
  for (const char* body : {"", "[]", "{}", R"({"data":{}})", "<html>"}) {
    EXPECT_TRUE(listed_aliases(body).empty()) << body;
  }
}

TEST(AnsweringModel, IsReadFromTheFacts) {
  const auto known = answering_model(
      R"({"provider":"open","model":"small","facts":{"context_tokens":32000},"learned":[]})");
  const auto unknown = answering_model(R"({"provider":"open","model":"small","facts":{}})");

  ASSERT_TRUE(known && unknown);
  EXPECT_EQ(known->model, "small");
  EXPECT_EQ(known->context_tokens, 32'000u);
  EXPECT_EQ(unknown->context_tokens, 0u);
  EXPECT_FALSE(answering_model(R"({"learned":[]})"));
  EXPECT_FALSE(answering_model(""));
}

}  // namespace
}  // namespace vdm::cli::listed_aliases_test
