#include "common/settings/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::settings::file_test {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

FileNode parsed(std::string_view text) {
  Faults faults;
  FileNode root = parse_file(text, "f", faults);
  EXPECT_THAT(faults, IsEmpty());
  return root;
}

TEST(File, IsReadAsTheEnvironmentWouldSayIt) {
  const FileNode root = parsed(
      "a = \"x\"\nb = 7\nc = true\nd = 0.5\ne = [\"x\", 7]\nf = 2026-01-02\ng = 1234567.25\n");
  const auto text = [&root](const char* key) { return root.find(key)->as_text(","); };

  EXPECT_EQ(text("a"), "x");
  EXPECT_EQ(text("b"), "7");
  EXPECT_EQ(text("c"), "true");
  EXPECT_EQ(text("d"), "0.5");
  EXPECT_EQ(text("e"), "x,7");
  EXPECT_EQ(text("f"), std::nullopt) << "no setting is a date";
  EXPECT_EQ(text("g"), "1234567.25");
  EXPECT_EQ(root.as_text(","), std::nullopt);
}

TEST(File, TellsATextFromANumber) {
  const FileNode root = parsed("a = \"7\"\nb = 7\n[c]\nd = 1\n");

  EXPECT_TRUE(root.find("a")->is_text());
  EXPECT_FALSE(root.find("b")->is_text());
  EXPECT_TRUE(root.find("c")->is_table());
  EXPECT_THAT(root.find("c")->entries, ElementsAre(Pair("d", _)));
  EXPECT_EQ(root.find("e"), nullptr);
}

TEST(File, SaysWhereItIsMalformed) {
  Faults faults;

  const FileNode root = parse_file("[proxy]\nport = \n", "f", faults);

  EXPECT_THAT(faults, ElementsAre(HasSubstr("f: line 2")));
  EXPECT_THAT(root.entries, IsEmpty());
}

TEST(File, MayBeMissingUnlessItIsAskedFor) {
  Faults faults;

  read_file("/nonexistent.toml", MissingFile::Empty, faults);
  EXPECT_THAT(faults, IsEmpty());
  read_file("/nonexistent.toml", MissingFile::Fault, faults);

  EXPECT_THAT(faults, ElementsAre("--config: cannot read '/nonexistent.toml'"));
}

TEST(File, IsNeverTakenForMissingWhenItIsThere) {
  Faults faults;

  read_file(testing::TempDir(), MissingFile::Empty, faults);  // a folder, as root may read anything

  EXPECT_THAT(faults, ElementsAre(HasSubstr("it is there, and cannot be read")));
}

TEST(FileValues, TakesNoNameThatThereIsNot) {
  int number = 0;
  const Settings settings{{"A", "t.number", "", "help", count(0, 9), &number},
                          {"B", "", "", "not in the file", count(0, 9), &number}};
  const FileNode root = parsed("number = 3\nnumbre = 4\nother = { a = 1 }\n");
  FileValues values(settings, "f");
  Faults faults;

  values.take("t.number", *root.find("number"), faults);
  values.take("t.numbre", *root.find("numbre"), faults);
  values.take("t.number", *root.find("other"), faults);

  EXPECT_THAT(faults, ElementsAre("f: t.numbre: no such setting; did you mean t.number?",
                                  "f: t.number: expected a plain value"));
  EXPECT_EQ(*values.find("t.number"), "3");
  EXPECT_EQ(values.find(""), nullptr);
}

}  // namespace
}  // namespace vdm::settings::file_test
