#include "proxy-service/routing/client_credential.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::proxy::client_credential_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Provider provider(std::string name, std::string host, AuthMode auth = AuthMode::ClientKey,
                  Dialect dialect = Dialect::Anthropic) {
  Provider made{.name = std::move(name), .doors = {{dialect}}, .auth = auth};
  made.doors.front().base_url.host = std::move(host);
  return made;
}

ClientCredential credential(std::string api_key, std::string bearer) {
  ClientCredential own{.api_key = Secret(std::move(api_key)), .bearer = Secret(std::move(bearer))};
  find_issuer(own, subscription_tokens(FactsTable::built_in()));
  return own;
}

const ClientCredential Key = credential("some-key", "");
const ClientCredential Token = credential("", "sk-ant-oat01-abc");
const ClientCredential None;

Target target_at(std::size_t provider) { return {provider, "m", Dialect::Anthropic}; }

/// The providers of the route's targets in their order; empty when it is refused.
std::vector<std::size_t> left(const std::vector<Provider>& providers,
                              std::vector<std::size_t> targets, const ClientCredential& own,
                              std::size_t named = 0) {
  ModelRoute route{.first = target_at(targets[0]), .named = named};
  for (std::size_t i = 1; i < targets.size(); ++i) route.rest.push_back(target_at(targets[i]));
  if (!leave_out_others(route, providers, own)) return {};
  std::vector<std::size_t> kept{route.first.provider};
  for (const Target& target : route.rest) kept.push_back(target.provider);
  return kept;
}

TEST(ClientCredential, IsForTheProviderThatTheModelsNameMeansFirst) {
  const std::vector<Provider> providers{provider("a", "a"), provider("b", "b"),
                                        provider("also-a", "a"), provider("c", "c", AuthMode::Key)};

  EXPECT_THAT(left(providers, {0, 1, 2, 3}, Key), ElementsAre(0, 2, 3));
  EXPECT_THAT(left(providers, {1, 0, 2, 3}, Key, 1), ElementsAre(1, 3));
  EXPECT_THAT(left(providers, {1}, Key, 1), ElementsAre(1));
}

TEST(ClientCredential, DoesNotGoToTheFirstTargetByTurnsUnlessItIsTheNamesFirst) {
  const std::vector<Provider> providers{provider("a", "a"), provider("b", "b")};

  EXPECT_THAT(left(providers, {1, 0}, Key), ElementsAre(0));
}

TEST(ClientCredential, IsNotHandedDownFromAProviderWithAKey) {
  const std::vector<Provider> providers{provider("keyed", "k", AuthMode::Key), provider("a", "a")};

  EXPECT_THAT(left(providers, {0, 1}, Key), ElementsAre(0));
  EXPECT_THAT(left(providers, {1, 0}, Key), ElementsAre(0));
}

TEST(ClientCredential, ThatIsMissingLeavesOutWhoeverWantsOne) {
  const std::vector<Provider> providers{provider("a", "a"), provider("keyed", "k", AuthMode::Key)};

  EXPECT_THAT(left(providers, {0, 1}, None), ElementsAre(1));
  EXPECT_THAT(left(providers, {0}, None), ElementsAre());
}

TEST(ClientCredential, OfASubscriptionIsForItsIssuerWhateverIsNamed) {
  const std::vector<Provider> providers{provider("anthropic", "own"), provider("corp", "corp"),
                                        provider("mirror", "own")};

  EXPECT_THAT(left(providers, {0}, Token), ElementsAre(0));
  EXPECT_THAT(left(providers, {1}, Token, 1), ElementsAre());
  EXPECT_THAT(left(providers, {2}, Token, 2), ElementsAre(2));
  EXPECT_THAT(left(providers, {1}, Key, 1), ElementsAre(1));
}

TEST(ClientCredential, OfASubscriptionIsForTheOneNamedWhereItsIssuerIsNotConfigured) {
  const std::vector<Provider> providers{
      provider("mine", "m"), provider("open", "o", AuthMode::ClientKey, Dialect::OpenAi)};

  EXPECT_THAT(left(providers, {0}, Token), ElementsAre(0));
  EXPECT_THAT(left(providers, {1}, Token, 1), ElementsAre()) << "it does not speak the dialect";
}

TEST(ClientCredential, IsASubscriptionsByHowItBegins) {
  EXPECT_TRUE(Token.is_subscription());
  EXPECT_TRUE(credential("sk-ant-oat01-abc", "").is_subscription());
  EXPECT_FALSE(Key.is_subscription());
  EXPECT_FALSE(credential("", "sk-ant-api03-abc").is_subscription());
  EXPECT_FALSE(None.is_subscription());
}

TEST(ClientCredential, IsForAnImpliedProviderOnlyIfItIsOfItsKind) {
  std::vector<Provider> providers{provider("anthropic", "own")};
  providers[0].implied_for = "sk-ant-";

  EXPECT_THAT(left(providers, {0}, Token), ElementsAre(0));
  EXPECT_THAT(left(providers, {0}, credential("sk-ant-api03-abc", "")), ElementsAre(0));
  EXPECT_THAT(left(providers, {0}, Key), ElementsAre());
  const Error why = no_credential_for(providers[0], Key);
  EXPECT_EQ(why.kind, ErrorKind::UnknownModel);
  EXPECT_EQ(why.message, "provider anthropic has no key: set ANTHROPIC_API_KEY");
}

TEST(ClientCredential, KnowsAnAddressByAllItsParts) {
  std::vector<Provider> providers{provider("a", "a"), provider("b", "a")};
  EXPECT_TRUE(may_have(providers, target_at(1), 0, Key));
  const BaseUrl same = providers[1].doors.front().base_url;

  providers[1].doors.front().base_url.port = 444;
  EXPECT_FALSE(may_have(providers, target_at(1), 0, Key));
  providers[1].doors.front().base_url = same;
  providers[1].doors.front().base_url.path_prefix = "/other";
  EXPECT_FALSE(may_have(providers, target_at(1), 0, Key));
  providers[1].doors.front().base_url = same;
  providers[1].doors.front().base_url.scheme = Scheme::Http;
  EXPECT_FALSE(may_have(providers, target_at(1), 0, Key));
}

TEST(ClientCredential, IsForEveryDoorOfTheProviderThatIsNamed) {
  std::vector<Provider> providers{provider("both", "messages"), provider("mirror", "chat")};
  providers[0].doors.push_back({Dialect::OpenAi, {.host = "chat"}});

  EXPECT_TRUE(may_have(providers, {0, "m", Dialect::Anthropic}, 0, Key));
  EXPECT_TRUE(may_have(providers, {0, "m", Dialect::OpenAi}, 0, Key));
  EXPECT_TRUE(may_have(providers, {1, "m", Dialect::Anthropic}, 0, Key)) << "the same address";
  EXPECT_FALSE(may_have(providers, {0, "m", Dialect::Anthropic}, 1, Key));
}

TEST(ClientCredential, OfASubscriptionIsForTheDoorOfItsIssuersDialectAlone) {
  std::vector<Provider> issuer{provider("anthropic", "own")};
  issuer[0].doors.push_back({Dialect::OpenAi, {.host = "elsewhere"}});
  std::vector<Provider> named{provider("mine", "m")};
  named[0].doors.push_back({Dialect::OpenAi, {.host = "m-chat"}});

  for (const std::vector<Provider>& providers : {issuer, named}) {
    EXPECT_TRUE(may_have(providers, {0, "m", Dialect::Anthropic}, 0, Token));
    EXPECT_FALSE(may_have(providers, {0, "m", Dialect::OpenAi}, 0, Token)) << providers[0].name;
  }
}

TEST(ClientCredential, IsInNoError) {
  const std::vector<Provider> providers{provider("anthropic", "own"), provider("corp", "corp")};
  ModelRoute route{.first = target_at(1), .named = 1};

  const auto refused = leave_out_others(route, providers, Token);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Unauthorized);
  EXPECT_EQ(refused.error().message.find("sk-ant"), std::string::npos);
  EXPECT_THAT(refused.error().message, HasSubstr("the one that was sent is for another provider"));
}

}  // namespace
}  // namespace vdm::proxy::client_credential_test
