#include "proxy-service/catalog/alias_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy-service/providers/facts_reader.h"
#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::alias_models_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::whole_answer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view Anthropic = "anthropic-version: 2023-06-01\r\n";

/// A gateway whose default provider lists one model, asked as Claude Code asks.
class AliasModelsTest : public ::testing::Test {
 protected:
  AliasModelsTest()
      : upstream_(FakeUpstream::always(whole_answer(200, R"({"data":[{"id":"m"}]})"))),
        gateway_(upstream_.port()) {
    gateway_.config.default_provider = "open";
    gateway_.config.data_dir = "";
    gateway_.on_one_thread();
  }

  void alias(std::string name, std::vector<WeightedModel> targets) {
    gateway_.config.aliases.aliases.push_back(
        {.key = "aliases." + name, .name = name, .targets = std::move(targets)});
  }
  void night(std::string name, std::string target) {
    gateway_.config.aliases.profiles.push_back(
        {.key = "profiles.night",
         .name = "night",
         .aliases = {{.key = "profiles.night.aliases." + name,
                      .name = name,
                      .targets = {{std::move(target)}}}}});
  }
  Message ask(std::string_view target, std::string_view fields = Anthropic) {
    auto client = gateway_.client();
    client.send(get(target, fields));
    return client.read_message();
  }

  FakeUpstream upstream_;
  RunningGateway gateway_;
};

TEST_F(AliasModelsTest, StandBeforeTheProvidersModels) {
  alias("fast", {{"open:small"}});
  gateway_.start();

  const Message list = ask("/v1/models?limit=1000");

  EXPECT_EQ(
      list.body,
      R"({"data":[{"id":"claude/fast","type":"model","display_name":"fast","description":"open:small","created_at":"1970-01-01T00:00:00Z","alias":"fast","target":"open:small"},)"
      R"({"id":"m","type":"model","display_name":"m","created_at":"1970-01-01T00:00:00Z"}],"first_id":"claude/fast","last_id":"m","has_more":false})");
  EXPECT_EQ(list.field("x-vandamme-provider"), "open");
}

TEST_F(AliasModelsTest, StateTheSmallestWindowOfTheirTargets) {
  FactsDocuments documents;
  std::vector<std::string> faults;
  read_facts(R"({"provider":"open","models":{"large":{"context_tokens":400000,
                 "output_tokens_max":9000},"small":{"context_tokens":32000}}})",
             "facts.json", documents, faults);
  ASSERT_THAT(faults, ::testing::IsEmpty());
  FactsTable facts;
  facts.add(std::move(documents));
  gateway_.config.models.facts = std::make_shared<const FactsTable>(std::move(facts));
  alias("any", {{"open:large"}, {"open:small"}, {"open:odd"}});
  gateway_.start();

  EXPECT_THAT(
      ask("/v1/models").body,
      HasSubstr(
          R"("description":"open:large and 2 more, window 32000 tokens","created_at":"1970-01-01T00:00:00Z","alias":"any","target":"open:large","max_input_tokens":32000,"max_tokens":9000})"));
}

TEST_F(AliasModelsTest, AreNotInWhatIsAskedOfOneProviderOrInAnotherForm) {
  alias("fast", {{"open:small"}});
  gateway_.start();

  EXPECT_THAT(ask("/v1/models?provider=open").body, Not(HasSubstr("fast")));
  EXPECT_THAT(ask("/v1/models", "").body, Not(HasSubstr("fast")));
  EXPECT_THAT(ask("/v1/models?format=raw").body, Not(HasSubstr("fast")));
  EXPECT_THAT(ask("/v1/models?format=anthropic", "").body, HasSubstr("claude/fast"));
}

TEST_F(AliasModelsTest, OfAProfileBearItsName) {
  night("fast", "open:small");
  gateway_.start();

  EXPECT_THAT(ask("/v1/models").body, HasSubstr(R"({"data":[{"id":"claude/night:fast",)"));
  EXPECT_THAT(ask("/v1/models?provider=%23Night").body,
              HasSubstr(R"({"first_id":"claude/night:fast","last_id":"claude/night:fast",)"));
}

TEST_F(AliasModelsTest, OfTheDefaultProfileDoNot) {
  night("fast", "open:small");
  gateway_.config.aliases.default_profile = "night";
  gateway_.start();

  const Message list = ask("/v1/models");

  EXPECT_THAT(list.body, HasSubstr(R"("id":"claude/fast")"));
}

TEST_F(AliasModelsTest, ThatAreBuiltInForAClaudeAreLeftToItsOwnName) {
  gateway_.config.providers.push_back(
      provider_at("anthropic", Dialect::Anthropic, upstream_.port()));
  gateway_.config.default_provider = "anthropic";
  alias("mine", {{"anthropic:claude-x"}});
  gateway_.start();

  const Message list = ask("/v1/models");

  EXPECT_THAT(list.body, HasSubstr(R"("id":"claude/mine")"));
  EXPECT_THAT(list.body, Not(HasSubstr("sonnet")));
}

TEST_F(AliasModelsTest, ThatAreBuiltInForAnotherMakersModelAreListed) {
  gateway_.config.providers.push_back(provider_at("openai", Dialect::OpenAi, upstream_.port()));
  gateway_.config.default_provider = "openai";
  gateway_.start();

  EXPECT_THAT(ask("/v1/models").body, HasSubstr(R"("id":"claude/sonnet")"));
}

TEST_F(AliasModelsTest, AreAnsweredAloneWhenTheProviderFails) {
  FakeUpstream failing(FakeUpstream::always(whole_answer(500, "{}")));
  gateway_.config.providers = {provider_at("open", Dialect::OpenAi, failing.port())};
  alias("fast", {{"open:small"}});
  gateway_.start();

  const Message list = ask("/v1/models");

  EXPECT_EQ(list.status(), 200);
  EXPECT_EQ(list.field("x-vandamme-incomplete"), "true");
  EXPECT_THAT(list.body, HasSubstr(R"("first_id":"claude/fast","last_id":"claude/fast")"));
  EXPECT_EQ(ask("/v1/models", "").status(), 502) << "another form has no aliases to give";
}

TEST_F(AliasModelsTest, AreAnsweredWithoutAProviderWhereThatIsAskedFor) {
  alias("fast", {{"open:small"}});
  gateway_.start();

  const Message list = ask("/v1/models?aliases=only", "");

  EXPECT_THAT(list.body, HasSubstr(R"("first_id":"claude/fast","last_id":"claude/fast")"));
  EXPECT_EQ(upstream_.connections(), 0);
  EXPECT_EQ(ask("/v1/models?aliases=no").status(), 400);
}

TEST_F(AliasModelsTest, AreFoundByTheIdsThatTheyAreListedUnder) {
  alias("fast", {{"open:m"}});
  gateway_.start();

  EXPECT_THAT(ask("/v1/models/claude%2Ffast").body, HasSubstr(R"("id":"m")"));
  EXPECT_THAT(ask("/v1/models/claude/fast").body, HasSubstr(R"("id":"m")"));
  EXPECT_THAT(ask("/v1/facts?model=claude%2Ffast").body, HasSubstr(R"("model":"m")"));
}

}  // namespace
}  // namespace vdm::proxy::alias_models_test
