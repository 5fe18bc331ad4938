#include "proxy-service/catalog/model_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy-service/catalog/folder.h"
#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::model_catalog_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view List =
    R"({"object":"list","data":[{"id":"org/m:free","object":"model","created":5}]})";

/// A provider that lists its models until it is told to fail.
class ModelCatalogTest : public ::testing::Test {
 protected:
  ModelCatalogTest()
      : upstream_([this](Peer& peer, int) {
          while (peer.read_message().complete) {
            ++asked_;
            peer.send(failing_ ? whole_answer(500, "{}") : whole_answer(200, List));
          }
        }),
        gateway_(upstream_.port()) {
    gateway_.config.data_dir = folder_.path();
    gateway_.config.default_provider = "open";
    gateway_.on_one_thread();
  }

  static Message ask(RunningGateway& gateway, std::string_view target,
                     std::string_view fields = "") {
    auto client = gateway.client();
    client.send(get(target, fields));
    return client.read_message();
  }
  Message ask(std::string_view target, std::string_view fields = "") {
    return ask(gateway_, target, fields);
  }

  std::atomic<int> asked_{0};
  std::atomic<bool> failing_{false};
  FakeUpstream upstream_;
  Folder folder_;
  RunningGateway gateway_;
};

TEST_F(ModelCatalogTest, ServesAnOldListAndSaysSoWhenTheProviderFails) {
  gateway_.start();
  EXPECT_EQ(ask("/v1/models").field("x-vandamme-stale"), std::nullopt);
  failing_ = true;

  const Message old = ask("/v1/models?refresh=true");
  const Message anthropic =
      ask("/v1/models?refresh=true&limit=1000&provider=open", "anthropic-version: 2023-06-01\r\n");
  const Message raw = ask("/v1/models?refresh=true&format=raw");

  EXPECT_EQ(old.status(), 200);
  EXPECT_EQ(old.field("x-vandamme-stale"), "true");
  EXPECT_TRUE(old.field("age").has_value());
  EXPECT_THAT(old.body, HasSubstr(R"("stale":true,"last_updated":"20)"));
  EXPECT_THAT(anthropic.body, HasSubstr(R"("has_more":false,"stale":true)"));
  EXPECT_EQ(raw.body, List);
  EXPECT_EQ(raw.field("x-vandamme-stale"), "true");
}

TEST_F(ModelCatalogTest, LeavesAProviderInPeaceThatHasJustFailed) {
  gateway_.start();
  ask("/v1/models");
  failing_ = true;
  ask("/v1/models?refresh=true");
  const int asked = asked_;

  EXPECT_EQ(ask("/v1/models").status(), 200);

  EXPECT_EQ(asked_, asked);
}

TEST_F(ModelCatalogTest, RemembersListsWhenItIsStartedAgain) {
  gateway_.start();
  ask("/v1/models");
  gateway_.stop();
  RunningGateway again(upstream_.port());
  again.config.data_dir = folder_.path();
  again.config.default_provider = "open";
  again.on_one_thread().start();

  EXPECT_EQ(ask(again, "/v1/models").body, List);

  EXPECT_EQ(asked_, 1);
  ASSERT_THAT(folder_.files(), ::testing::ElementsAre("open.json"));
  EXPECT_THAT(folder_.text_of("open.json"), HasSubstr(List));
  EXPECT_THAT(folder_.text_of("open.json"), Not(HasSubstr("sk-provider-key")));
}

TEST_F(ModelCatalogTest, DoesNotTakeWhatIsNoListForOne) {
  FakeUpstream page(FakeUpstream::always(whole_answer(200, "<html>", "text/html")));
  RunningGateway gateway(page.port());
  gateway.config.data_dir = folder_.path();
  gateway.start();

  EXPECT_EQ(ask(gateway, "/v1/models?provider=open").status(), 502);

  gateway.stop();
  EXPECT_FALSE(std::filesystem::exists(folder_.path()));
}

TEST_F(ModelCatalogTest, KeepsNothingThatWasGotWithAClientsOwnKey) {
  gateway_.config.providers[1].auth = AuthMode::ClientKey;
  gateway_.start();

  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ask("/v1/models", "x-api-key: clients-own\r\n").status(), 200);
  }

  EXPECT_EQ(asked_, 2);
  EXPECT_EQ(ask("/v1/models").status(), 401);
  gateway_.stop();
  EXPECT_FALSE(std::filesystem::exists(folder_.path()));
}

TEST_F(ModelCatalogTest, DoesWithoutADiskThatIsNotItsOwn) {
  gateway_.config.data_dir = "/proc/nobody-may-write-here";
  gateway_.start();

  EXPECT_EQ(ask("/v1/models").body, List);
  EXPECT_EQ(ask("/v1/models").body, List);

  EXPECT_EQ(asked_, 1);
}

TEST_F(ModelCatalogTest, FindsASingleModelByAnyOfItsNames) {
  gateway_.config.aliases.aliases.push_back(
      {.key = "aliases.quick", .name = "quick", .targets = {{"open:org/m:free"}}});
  gateway_.start();

  for (const std::string_view name : {"org/m:free", "org%2Fm%3Afree", "open:org/m:free", "quick"}) {
    const Message found = ask(std::string("/v1/models/").append(name));

    EXPECT_EQ(found.body, R"({"id":"org/m:free","object":"model","created":5})") << name;
    EXPECT_EQ(found.field("x-vandamme-provider"), "open");
  }
  const Message anthropic = ask("/v1/models/quick", "anthropic-version: 2023-06-01\r\n");
  EXPECT_THAT(anthropic.body, HasSubstr(R"("type":"model","display_name":"org/m:free")"));
}

TEST_F(ModelCatalogTest, SaysThatThereIsNoSuchModelInTheClientsDialect) {
  gateway_.start();

  const Message openai = ask("/v1/models/nothing");
  const Message anthropic = ask("/v1/models/nothing", "anthropic-version: 2023-06-01\r\n");

  EXPECT_EQ(openai.status(), 404);
  EXPECT_THAT(openai.body, HasSubstr(R"({"error":{"message":"model: )"));
  EXPECT_EQ(anthropic.status(), 404);
  EXPECT_THAT(anthropic.body, HasSubstr(R"("type":"not_found_error")"));
}

TEST_F(ModelCatalogTest, ListsTheDefaultProvidersModelsWhenNoneIsNamed) {
  gateway_.start();

  const Message list = ask("/v1/models");
  const Message named = ask("/v1/models?provider=ANTH");

  EXPECT_EQ(list.field("x-vandamme-provider"), "open");
  EXPECT_EQ(named.field("x-vandamme-provider"), "anth");
  EXPECT_EQ(asked_, 2);
}

TEST_F(ModelCatalogTest, ListsTheDefaultProfilesAliasesWhenNothingIsNamed) {
  gateway_.config.aliases.profiles.push_back(
      {.key = "profiles.night",
       .name = "night",
       .aliases = {
           {.key = "profiles.night.aliases.fast", .name = "fast", .targets = {{"open:small"}}}}});
  gateway_.config.aliases.default_profile = "night";
  gateway_.start();

  EXPECT_THAT(ask("/v1/models").body, HasSubstr(R"("id":"open:small","alias":"fast")"));
  EXPECT_EQ(asked_, 0);
}

TEST_F(ModelCatalogTest, ListsAProfilesAliasesInItsPlace) {
  gateway_.config.aliases.profiles.push_back(
      {.key = "profiles.night",
       .name = "night",
       .aliases = {{.key = "profiles.night.aliases.fast",
                    .name = "fast",
                    .targets = {{"open:small"}}}},
       .terms = {.timeout = std::chrono::seconds(90), .retries_max = 5}});
  gateway_.start();

  EXPECT_EQ(
      ask("/v1/models?provider=%23night").body,
      R"({"object":"list","data":[{"id":"open:small","alias":"fast","object":"model","created":null,"owned_by":"open"}]})");
  EXPECT_EQ(ask("/v1/models?provider=%23nobody").status(), 404);
  EXPECT_EQ(
      ask("/profiles").body,
      R"({"object":"list","data":[{"name":"night","timeout":9E1,"max_retries":5,"alias_count":1,"aliases":{"fast":"open:small"},"source":"local"}]})");
}

TEST_F(ModelCatalogTest, ListsAliasesByProvider) {
  gateway_.config.aliases.aliases = {
      {.key = "OPEN_ALIAS_FAST",
       .name = "fast",
       .scope = Alias::Scope::Provider,
       .provider = "open",
       .targets = {{"small"}}},
      {.key = "aliases.smart", .name = "smart", .targets = {{"anth:a"}, {"open:b"}}}};
  gateway_.start();

  EXPECT_EQ(
      ask("/v1/aliases").body,
      R"({"object":"list","aliases":{"open":{"fast":"small"},"*":{"smart":"anth:a, open:b"}},"suggested":{},"total":2})");
}

TEST_F(ModelCatalogTest, ListsTopModelsWithoutAProviderThatFails) {
  gateway_.config.providers[0].doors.front().base_url.port = 1;
  gateway_.start();

  const Message top = ask("/top-models?limit=5&include_cache_info=true");

  EXPECT_EQ(top.status(), 200);
  EXPECT_THAT(top.body, HasSubstr(R"("object":"top_models","source":"providers")"));
  EXPECT_THAT(top.body, HasSubstr(R"("providers":["open"],"sub_providers":["org"])"));
  EXPECT_EQ(ask("/top-models?limit=51").status(), 400);
}

}  // namespace
}  // namespace vdm::proxy::model_catalog_test
