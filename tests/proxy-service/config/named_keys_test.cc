#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/digest.h"
#include "proxy-service/config/live_config.h"
#include "tests/proxy-service/config/loaded.h"

// Keys with names: what of them a reload takes.

namespace vdm::proxy::named_keys_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string table(const std::string& name, const std::string& rest = "role = \"client\"") {
  return "[keys." + name + "]\nsha256 = \"" + hex_prefix(sha256(name), 64) + "\"\n" + rest + "\n";
}
const std::string Old = table("old", "role = \"client\"\nexpires = \"2027-01-31\"");

class NamedKeysTest : public ::testing::Test {
 protected:
  NamedKeysTest() : file_(Old), live_(made()) {
    std::filesystem::permissions(file_.path(), std::filesystem::perms(0600));
  }

  LiveConfig made() {
    CommandLine line;
    line.config_file = file_.path();
    const Env env(Variables{{"OPENAI_API_KEY", "k"}});
    return {line, env, {}, std::get<Config>(load(line, env, {}))};
  }
  LiveConfig::Outcome reloaded(const std::string& text, int mode = 0600) {
    file_.write(text);
    std::filesystem::permissions(file_.path(), std::filesystem::perms(mode));
    return live_.reload();
  }
  std::size_t keys() const { return live_.running().access.named_keys.size(); }

  File file_;
  LiveConfig live_;
};

TEST_F(NamedKeysTest, AreTakenAndGivenUpAsTheOwnerWrites) {
  const auto added = reloaded(Old + table("new"));
  EXPECT_THAT(added.faults, IsEmpty());
  EXPECT_THAT(added.changed, Contains("keys"));
  EXPECT_EQ(keys(), 2u);

  EXPECT_THAT(reloaded(table("new", "role = \"admin\"")).faults, IsEmpty());
  EXPECT_EQ(keys(), 1u);
}

TEST_F(NamedKeysTest, AreNotTakenFromAFileThatOthersCanWrite) {
  EXPECT_THAT(reloaded(Old + table("new"), 0666).faults,
              ElementsAre(HasSubstr("keys.new: it is new, and others can write the file")));
  EXPECT_THAT(reloaded(table("old", "role = \"admin\"\nexpires = \"2027-01-31\""), 0620).faults,
              ElementsAre(HasSubstr("keys.old: its role is another")));
  EXPECT_THAT(reloaded(table("old", "role = \"client\"\nexpires = \"2028-01-31\""), 0602).faults,
              ElementsAre(HasSubstr("keys.old: it lasts longer")));
  EXPECT_EQ(keys(), 1u);
  EXPECT_THAT(reloaded(table("old", "role = \"client\"\nexpires = \"2026-12-31\""), 0666).faults,
              IsEmpty())
      << "less may be taken from anybody";
}

TEST_F(NamedKeysTest, DoNotOpenTheGatewayByGoing) {
  EXPECT_THAT(reloaded("[timeouts]\nconnect = 5\n").faults,
              ElementsAre(HasSubstr("keys: they are gone, and anyone could call")));
  EXPECT_THAT(reloaded(table("p", "role = \"ingest\"")).faults,
              ElementsAre(HasSubstr("keys: they are gone")))
      << "a proxy's is none that guards";
}

TEST_F(NamedKeysTest, KeepTheirEndWhenTheFileIsCutShort) {
  for (std::size_t size = 0; size < Old.size() - 1; ++size) {
    EXPECT_FALSE(reloaded(Old.substr(0, size)).faults.empty()) << Old.substr(0, size);
  }
}

TEST(NamedKeys, GuardAnAddressBeyondThisMachine) {
  const Variables open{{"HOST", "0.0.0.0"}, {"OPENAI_API_KEY", "k"}};
  const auto faults = [&open](const std::string& toml) {
    const File file(toml);
    CommandLine line;
    line.config_file = file.path();
    const auto loaded = load(line, Env(open), {});
    const auto* found = std::get_if<Faults>(&loaded);
    return found ? *found : Faults();
  };
  EXPECT_THAT(faults(table("a")), IsEmpty());
  EXPECT_THAT(faults(table("a", "role = \"ingest\"")), ElementsAre(HasSubstr("[keys.NAME]")));
}

}  // namespace
}  // namespace vdm::proxy::named_keys_test
