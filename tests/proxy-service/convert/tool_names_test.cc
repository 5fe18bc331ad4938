#include "proxy-service/convert/tool_names.h"

#include <gtest/gtest.h>

namespace vdm::proxy::tool_names_test {
namespace {

TEST(ToolNames, LeaveALegalNameAlone) {
  ToolNames names;

  EXPECT_EQ(names.legal("mcp__server__read-file"), "mcp__server__read-file");
  EXPECT_TRUE(names.empty());
}

TEST(ToolNames, ReplaceWhatIsNotAllowedAndRestoreIt) {
  ToolNames names;

  EXPECT_EQ(names.legal("files.read/all"), "files_read_all");
  EXPECT_EQ(names.legal("größe"), "gr__e");
  EXPECT_EQ(names.legal(""), "_");

  EXPECT_FALSE(names.empty());
  EXPECT_EQ(names.original("files_read_all"), "files.read/all");
  EXPECT_EQ(names.original("gr__e"), "größe");
  EXPECT_EQ(names.original("_"), "");
}

TEST(ToolNames, GiveNoTwoNamesTheSameLegalOne) {
  ToolNames names;
  const std::string a = names.legal("a_b");
  const std::string b = names.legal("a.b");
  const std::string c = names.legal("a/b");

  EXPECT_EQ(a, "a_b");
  EXPECT_NE(b, c);
  EXPECT_EQ(names.original(a), "a_b");
  EXPECT_EQ(names.original(b), "a.b");
  EXPECT_EQ(names.original(c), "a/b");
}

TEST(ToolNames, MoveALegalNameThatAChangedOneHasTaken) {
  ToolNames names;
  const std::string first = names.legal("a.b");
  const std::string second = names.legal("a_b");

  EXPECT_NE(first, second);
  EXPECT_EQ(names.original(first), "a.b");
  EXPECT_EQ(names.original(second), "a_b");
}

TEST(ToolNames, ShortenALongNameAndKeepItsLikeApart) {
  ToolNames names;
  const std::string one = std::string(80, 'x').append("1");
  const std::string two = std::string(80, 'x').append("2");

  EXPECT_LE(names.legal(one).size(), ToolNames::length_max);
  EXPECT_NE(names.legal(one), names.legal(two));
  EXPECT_EQ(names.original(names.legal(two)), two);
}

TEST(ToolNames, SayTheSameInEveryTurn) {
  ToolNames first, second;

  EXPECT_EQ(first.legal("a.b"), second.legal("a.b"));
  EXPECT_EQ(first.legal(std::string(90, 'y')), second.legal(std::string(90, 'y')));
  EXPECT_EQ(first.legal("a.b"), first.legal("a.b"));
}

TEST(ToolNames, GiveBackANameTheyNeverSaw) {
  EXPECT_EQ(ToolNames().original("made_up_by_the_model"), "made_up_by_the_model");
}

}  // namespace
}  // namespace vdm::proxy::tool_names_test
