#include "proxy-service/routing/alias.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::proxy::alias_test {
namespace {

using ::testing::HasSubstr;

std::vector<Alias> read(std::map<std::string, std::string> variables) {
  std::vector<Provider> providers;
  for (const char* name : {"my-own", "openai"}) providers.push_back({.name = name});
  return aliases_from_env(Env(std::move(variables)), providers);
}

TEST(AliasesFromEnv, ReadsThoseOfTheProvidersThereAre) {
  const auto aliases = read({{"OPENAI_ALIAS_FAST_ONE", " gpt-x "},
                             {"MY_OWN_ALIAS_A", "b"},
                             {"ZSH_ALIAS_LS", "exa"},
                             {"OPENAI_ALIASES", "x"}});

  ASSERT_EQ(aliases.size(), 2u);
  EXPECT_EQ(aliases[0].provider, "my-own");
  EXPECT_EQ(aliases[1].key, "OPENAI_ALIAS_FAST_ONE");
  EXPECT_EQ(aliases[1].name, "fast-one");
  EXPECT_EQ(aliases[1].provider, "openai");
  EXPECT_EQ(aliases[1].targets.at(0).model, "gpt-x");
}

TEST(FaultOf, NamesTheKeyAndWhatStandsThere) {
  Alias alias{.key = "aliases.x", .name = "x", .targets = {{"openai:a"}}};
  EXPECT_EQ(fault_of(alias), "");

  alias.targets = {{"a b"}};
  EXPECT_EQ(fault_of(alias), "aliases.x: expected a model's name, got 'a b'");
  alias.targets = {{"a", 1001}};
  EXPECT_EQ(fault_of(alias), "aliases.x: expected a weight of 1..1000, got '1001'");
  alias.targets = {};
  EXPECT_THAT(fault_of(alias), HasSubstr("aliases.x: expected 1 to 32 targets"));
  alias.targets = {{"a"}};
  alias.fallback = {""};
  EXPECT_THAT(fault_of(alias), HasSubstr("expected a model's name, got ''"));
  alias.fallback = {};
  alias.name = "!x";
  EXPECT_THAT(fault_of(alias), HasSubstr("expected an alias of"));
  alias.name = std::string(129, 'x');
  EXPECT_THAT(fault_of(alias), HasSubstr("expected an alias of"));
}

}  // namespace
}  // namespace vdm::proxy::alias_test
