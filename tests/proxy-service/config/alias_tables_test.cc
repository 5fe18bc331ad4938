#include "proxy-service/config/alias_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy-service/config/config_file.h"
#include "proxy-service/config/settings.h"

namespace vdm::proxy::alias_tables_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Read {
  ConfigFile file;
  settings::Faults faults;
};

Read read(std::string_view text) {
  ConfigDraft draft;
  settings::Faults faults;
  const settings::FileNode root = settings::parse_file(text, "f", faults);
  ConfigFile file = read_tables(root, "f", settings_of(draft), faults);
  return {std::move(file), std::move(faults)};
}

Alias only_alias(std::string_view text) {
  const auto [file, faults] = read(text);
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(file.aliases.size(), 1u);
  return file.aliases.empty() ? Alias{} : file.aliases.front();
}

TEST(AliasTables, AreOfTheTableTheyStandIn) {
  const auto [file, faults] = read(R"(
[aliases]
A_b = "openai:x"
[defaults.aliases]
c = "d"
[POE.aliases]
e = "f"
[providers.mine.aliases]
g = "h"
)");

  EXPECT_THAT(faults, IsEmpty());
  ASSERT_EQ(file.aliases.size(), 4u);
  const auto& everyones = file.aliases[2];
  EXPECT_EQ(file.aliases[0].key, "POE.aliases.e");
  EXPECT_EQ(file.aliases[0].provider, "poe");
  EXPECT_EQ(file.aliases[1].key, "aliases.A_b");
  EXPECT_EQ(file.aliases[1].name, "a-b");
  EXPECT_EQ(file.aliases[1].scope, Alias::Scope::Anyone);
  EXPECT_EQ(everyones.key, "defaults.aliases.c");
  EXPECT_EQ(everyones.scope, Alias::Scope::EveryProvider);
  EXPECT_EQ(file.aliases[3].provider, "mine");
}

TEST(AliasTables, MayBeListsOfTargets) {
  const Alias alias = only_alias(R"(
[aliases.smart]
targets = ["anthropic:a", { model = "poe:b", weight = 3 }]
fallback = ["openai:c"]
balance = "least_in_flight"
affinity = "session"
)");

  EXPECT_EQ(alias.key, "aliases.smart");
  EXPECT_THAT(alias.targets,
              ElementsAre(WeightedModel{"anthropic:a", 1}, WeightedModel{"poe:b", 3}));
  EXPECT_THAT(alias.fallback, ElementsAre("openai:c"));
  EXPECT_EQ(alias.balance, Balance::LeastInFlight);
  EXPECT_EQ(alias.affinity, Affinity::Session);
}

TEST(AliasTables, TakeTurnsByWeightUnlessTheySayOtherwise) {
  const Alias alias = only_alias("[aliases]\nx = { targets = [\"a\", \"b\"] }\n");

  EXPECT_EQ(alias.balance, Balance::Weight);
  EXPECT_EQ(alias.affinity, Affinity::None);
}

TEST(AliasTables, SayWhatIsWrongAndWhere) {
  const auto faults = [](std::string_view line) {
    return read("[aliases]\n" + std::string(line) + "\n").faults;
  };

  EXPECT_THAT(faults("x = 1"),
              ElementsAre("f: aliases.x: expected a model, or a table with targets"));
  EXPECT_THAT(faults("x = { fallback = [\"a\"] }"), ElementsAre("f: aliases.x: expected targets"));
  EXPECT_THAT(faults("x = { targets = \"a\" }"),
              ElementsAre("f: aliases.x.targets: expected a list of models"));
  EXPECT_THAT(faults("x = { targets = [1] }"),
              ElementsAre(HasSubstr("aliases.x.targets[0]: expected a model, or a table")));
  EXPECT_THAT(faults("x = { targets = [{ model = \"a\", weight = 0 }] }"),
              ElementsAre("f: aliases.x.targets[0].weight: expected 1..1000, got '0'"));
  EXPECT_THAT(faults("x = { targets = [{ model = \"a\", wieght = 1 }] }"),
              ElementsAre("f: aliases.x.targets[0].wieght: no such setting; did you mean "
                          "aliases.x.targets[0].weight?"));
  EXPECT_THAT(faults("x = { target = [\"a\"], targets = [\"a\"] }"),
              ElementsAre("f: aliases.x.target: no such setting; did you mean aliases.x.targets?"));
  EXPECT_THAT(faults("x = { targets = [\"a\"], balance = \"random\" }"),
              ElementsAre("f: aliases.x.balance: expected weight or least_in_flight, "
                          "got 'random'"));
  EXPECT_THAT(faults("x = { targets = [\"a\"], affinity = \"user\" }"),
              ElementsAre("f: aliases.x.affinity: expected none or session, got 'user'"));
}

TEST(ProfileTables, HaveTermsAndAliasesUnderEitherName) {
  const auto [file, faults] = read(R"(
["#Top"]
timeout = "2m"
max-retries = 4
["#Top".aliases]
haiku = "zai:haiku"
[profiles.night]
)");

  EXPECT_THAT(faults, IsEmpty());
  ASSERT_EQ(file.profiles.size(), 2u);
  const Profile& top = file.profiles[0];
  EXPECT_EQ(top.name, "top");
  EXPECT_EQ(top.terms.timeout, std::chrono::minutes(2));
  EXPECT_EQ(top.terms.retries_max, 4u);
  EXPECT_EQ(top.aliases.at(0).key, "#Top.aliases.haiku");
  EXPECT_EQ(file.profiles[1].name, "night");
}

TEST(ProfileTables, SayWhatIsWrongAndWhere) {
  EXPECT_THAT(read("[profiles.a]\ntimeout = 0\n").faults,
              ElementsAre("f: profiles.a.timeout: expected a duration such as 0.5, 90s or 5m "
                          "within 1ms..8784h, got '0'"));
  EXPECT_THAT(read("[profiles.a]\nmax-retries = 11\n").faults,
              ElementsAre("f: profiles.a.max-retries: expected 0..10, got '11'"));
  EXPECT_THAT(
      read("[profiles.a]\ntimeuot = 1\n").faults,
      ElementsAre("f: profiles.a.timeuot: no such setting; did you mean profiles.a.timeout?"));
  EXPECT_THAT(read("[profiles]\na = 1\n").faults, ElementsAre("f: profiles.a: expected a table"));
  EXPECT_THAT(read("[profiles.\"a:b\"]\n").faults, ElementsAre(HasSubstr("without ':'")));
  EXPECT_THAT(read("[profiles.a]\n[\"#A\"]\n").faults,
              ElementsAre(HasSubstr("there is another profile of that name")));
}

}  // namespace
}  // namespace vdm::proxy::alias_tables_test
