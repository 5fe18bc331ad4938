#include "metrics-service/cli/setup/new_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/digest.h"
#include "common/settings/key_tables.h"

namespace vdm::cli::new_key_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(NewKey, PrintsTheKeyAndATableThatTheServicesTake) {
  const Secret key = random_key();
  const auto text = new_key_text({.name = "ci.eu", .role = "client", .expires = "2027-01-31"}, key);
  ASSERT_TRUE(text);
  const std::string table = text->substr(text->find("[keys."));

  settings::Faults faults;
  const auto root = settings::parse_file(table, "f", faults);
  const auto keys = settings::read_key_tables(root, "f", faults);

  EXPECT_THAT(faults, IsEmpty());
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].name, "ci.eu");
  EXPECT_EQ(keys[0].digest, sha256(key.reveal()));
  EXPECT_EQ(keys[0].role, Role::Client);
  EXPECT_EQ(keys[0].expires, settings::parse_expiry("2027-01-31"));
  EXPECT_THAT(*text, HasSubstr(std::string(key.reveal())));
  EXPECT_THAT(table, Not(HasSubstr(std::string(key.reveal()))));
}

TEST(NewKey, IsLongAndNeverTheSame) {
  EXPECT_GE(random_key().reveal().size(), 64u);
  EXPECT_NE(random_key().reveal(), random_key().reveal());
}

TEST(NewKey, NamesTheWordThatIsWrong) {
  const auto fault = [](const NewKey& wanted) {
    const auto text = new_key_text(wanted, Secret("k"));
    return text ? std::string() : text.error().message;
  };
  EXPECT_THAT(fault({.name = "a b", .role = "client"}), HasSubstr("NAME"));
  EXPECT_THAT(fault({.name = "a", .role = "boss"}), HasSubstr("--role: expected client, viewer"));
  EXPECT_THAT(fault({.name = "a", .role = "client", .expires = "soon"}), HasSubstr("--expires"));
}

}  // namespace
}  // namespace vdm::cli::new_key_test
