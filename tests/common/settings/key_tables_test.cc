#include "common/settings/key_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace vdm::settings::key_tables_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string Digest = hex_prefix(sha256("k"), 64);

std::vector<AccessKey> read(const std::string& text, Faults& faults) {
  const FileNode root = parse_file(text, "f.toml", faults);
  return read_key_tables(root, "f.toml", faults);
}

std::string table(const std::string& name, const std::string& rest) {
  return "[keys." + name + "]\nsha256 = \"" + Digest + "\"\n" + rest + "\n";
}

Faults faults_of(const std::string& text) {
  Faults faults;
  read(text, faults);
  return faults;
}

TEST(KeyTables, AreReadWithRoleAndEnd) {
  Faults faults;
  const auto keys = read(table("ci", "role = \"client\"\nexpires = \"2027-01-31\"") +
                             "[keys.\"ops.eu\"]\nsha256 = \"" + hex_prefix(sha256("o"), 64) +
                             "\"\nrole = \"operator\"\n",
                         faults);

  EXPECT_THAT(faults, IsEmpty());
  ASSERT_EQ(keys.size(), 2u);
  const AccessKeys all(keys);
  const AccessKey* ci = all.find(sha256("k"));
  ASSERT_NE(ci, nullptr);
  EXPECT_EQ(ci->name, "ci");
  EXPECT_EQ(ci->role, Role::Client);
  EXPECT_EQ(ci->label(), Digest.substr(0, 12));
  ASSERT_TRUE(ci->expires);
  EXPECT_FALSE(ci->has_expired(*ci->expires - std::chrono::seconds(1)));
  EXPECT_TRUE(ci->has_expired(*ci->expires));
  EXPECT_EQ(all.find(sha256("o"))->role, Role::Operator);
  EXPECT_FALSE(all.find(sha256("o"))->has_expired(SystemTime::max()));
  EXPECT_EQ(all.find(sha256("x")), nullptr);
}

TEST(KeyTables, TakeDaysAndTimesAsTomlAndAsText) {
  const auto day = *parse_expiry("2027-01-31");
  EXPECT_EQ(parse_expiry("2027-01-31T00:00:00Z"), day);
  EXPECT_EQ(parse_expiry("2027-01-31T01:00:00+01:00"), day);
  for (const char* text :
       {"", "soon", "2027", "2027-13-01", "2027-01-31T12:00:00", "infinite-future"}) {
    EXPECT_FALSE(parse_expiry(text)) << text;
  }
  for (const std::string written : {"2027-01-31", "2027-01-31T00:00:00Z", "\"2027-01-31\""}) {
    Faults faults;
    const auto keys = read(table("a", "role = \"viewer\"\nexpires = " + written), faults);
    EXPECT_THAT(faults, IsEmpty()) << written;
    EXPECT_EQ(keys.at(0).expires, day) << written;
  }
}

TEST(KeyTables, NameEveryFault) {
  EXPECT_THAT(
      faults_of("[keys.a]\nrole = \"boss\"\nsha256 = \"12\"\nexpires = \"soon\"\nlimit = 3\n"),
      ElementsAre(HasSubstr("keys.a.limit"), HasSubstr("keys.a.sha256"),
                  HasSubstr("keys.a.role: expected client, viewer"), HasSubstr("keys.a.expires")));
  EXPECT_THAT(faults_of(table("a", "role = \"viewer\"") + table("b", "role = \"viewer\"")),
              ElementsAre("f.toml: keys.b: the same key as keys.a"));
  EXPECT_THAT(faults_of(table("\"a b\"", "role = \"viewer\"")),
              ElementsAre(HasSubstr("expected a name")));
  EXPECT_THAT(faults_of("keys = 3\n"), ElementsAre(HasSubstr("tables [keys.NAME]")));
  EXPECT_THAT(faults_of("[keys]\na = 3\n"), ElementsAre(HasSubstr("keys.a: expected a table")));
}

TEST(AccessKeys, GuardUnlessTheyAreProxiesAlone) {
  EXPECT_FALSE(AccessKeys().guard());
  EXPECT_FALSE(AccessKeys({access_key("p", Secret("k"), Role::Ingest)}).guard());
  EXPECT_TRUE(AccessKeys({access_key("p", Secret("k"), Role::Client)}).guard());
}

}  // namespace
}  // namespace vdm::settings::key_tables_test
