#include <algorithm>

#include <gmock/gmock.h>

#include "tests/proxy-service/serve/gateway_in_front.h"

// A client's own credential: as it came, to the provider it is for, and nowhere else.

namespace vdm::proxy::own_credential_test {
namespace {

using fakes::Message;
using fakes::SteppedUpstream;
using fakes::whole_answer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view Token = "sk-ant-oat01-canary-token-0123456789";
constexpr std::string_view GatewayKey = "the-gateway-key";

std::string field(std::string_view name, std::string_view value) {
  return std::string(name).append(": ").append(value).append("\r\n");
}
std::string bearer(std::string_view key) {
  return field("authorization", std::string("Bearer ").append(key));
}
std::string api_key(std::string_view key) { return field("x-api-key", key); }

/// A gateway in front of two providers at two addresses, both called with the client's own key.
class OwnCredential : public ::testing::Test {
 protected:
  OwnCredential() {
    gateway_.config.providers = {provider_at("anthropic", Dialect::Anthropic, upstream_.port()),
                                 provider_at("other", Dialect::Anthropic, other_.port())};
    for (Provider& provider : gateway_.config.providers) {
      provider.auth = AuthMode::ClientKey;
      provider.keys.clear();
    }
    gateway_.config.retry.backoff_first = gateway_.config.retry.backoff_max =
        std::chrono::milliseconds(1);
  }

  Message told(const std::string& request) {
    if (!std::exchange(started_, true)) gateway_.start();
    auto client = gateway_.client();
    client.send(request);
    return client.read_message();
  }
  Message complete(std::string_view model, std::string_view fields) {
    return told(post("/v1/messages", body(model), fields));
  }
  static std::string body(std::string_view model) {
    std::string text = R"({"model":")";
    return text.append(model).append(R"(","max_tokens":16,"messages":[]})");
  }
  void alias(std::vector<WeightedModel> targets, std::vector<std::string> fallback = {}) {
    gateway_.config.aliases.aliases.push_back({.key = "aliases.m",
                                               .name = "m",
                                               .targets = std::move(targets),
                                               .fallback = std::move(fallback)});
  }
  static bool was_shown(const SteppedUpstream& upstream, std::string_view secret) {
    return std::ranges::any_of(upstream.asked(), [secret](const Message& asked) {
      return (asked.head + asked.body).find(secret) != std::string::npos;
    });
  }

  SteppedUpstream upstream_{{{whole_answer(200, AnthropicAnswer)}}};
  SteppedUpstream other_{{{whole_answer(200, AnthropicAnswer)}}};
  RunningGateway gateway_;
  bool started_ = false;
};

TEST_F(OwnCredential, StaysInTheFieldItCameIn) {
  EXPECT_EQ(complete("anthropic:m", bearer(Token)).status(), 200);
  EXPECT_EQ(complete("anthropic:m", bearer("some-token")).status(), 200);
  EXPECT_EQ(complete("anthropic:m", api_key("some-key")).status(), 200);
  EXPECT_EQ(complete("anthropic:m", bearer("one") + api_key("two")).status(), 200);

  const auto asked = upstream_.asked();
  ASSERT_EQ(asked.size(), 4u);
  EXPECT_EQ(asked[0].field("authorization"), "Bearer " + std::string(Token));
  EXPECT_EQ(asked[0].field("x-api-key"), std::nullopt);
  EXPECT_EQ(asked[1].field("authorization"), "Bearer some-token");
  EXPECT_EQ(asked[1].field("x-api-key"), std::nullopt);
  EXPECT_EQ(asked[2].field("authorization"), std::nullopt);
  EXPECT_EQ(asked[2].field("x-api-key"), "some-key");
  EXPECT_EQ(asked[3].field("authorization"), "Bearer one");
  EXPECT_EQ(asked[3].field("x-api-key"), "two");
}

TEST_F(OwnCredential, ComesWithTheClientsOtherFields) {
  complete("anthropic:m", bearer(Token) + field("anthropic-beta", "oauth-2025-04-20"));

  EXPECT_EQ(upstream_.asked().at(0).field("anthropic-beta"), "oauth-2025-04-20");
}

TEST_F(OwnCredential, OfAClientOfTheOtherDialectGoesWhereTheProviderReadsIt) {
  const std::string chat = R"({"model":"anthropic:m","messages":[{"role":"user","content":"x"}]})";
  gateway_.config.providers[1].doors.front().dialect = Dialect::OpenAi;

  told(post("/v1/chat/completions", chat, bearer("sk-ant-api03-key")));
  told(post("/v1/chat/completions", chat, bearer(Token)));
  complete("other:m", api_key("sk-openai"));

  const auto asked = upstream_.asked();
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].field("x-api-key"), "sk-ant-api03-key");
  EXPECT_EQ(asked[0].field("authorization"), std::nullopt);
  EXPECT_EQ(asked[1].field("x-api-key"), std::nullopt);
  EXPECT_EQ(asked[1].field("authorization"), "Bearer " + std::string(Token));
  EXPECT_EQ(other_.asked().at(0).field("authorization"), "Bearer sk-openai");
}

TEST_F(OwnCredential, IsToldFromTheGatewaysKeyByItsValueWhereverThatStands) {
  gateway_.config.access.proxy_api_key = Secret(std::string(GatewayKey));

  EXPECT_EQ(complete("anthropic:m", bearer(Token) + api_key(GatewayKey)).status(), 200);
  EXPECT_EQ(complete("anthropic:m", api_key("own") + bearer(GatewayKey)).status(), 200);
  EXPECT_EQ(complete("anthropic:m", bearer(Token) + field("x-vandamme-key", GatewayKey)).status(),
            200);
  EXPECT_EQ(complete("anthropic:m", bearer(Token)).status(), 401);
  EXPECT_EQ(complete("anthropic:m", bearer(Token) + field("x-vandamme-key", "guess")).status(),
            401);
  EXPECT_EQ(complete("anthropic:m", bearer(GatewayKey)).status(), 401);

  const auto asked = upstream_.asked();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0].field("authorization"), "Bearer " + std::string(Token));
  EXPECT_EQ(asked[0].field("x-api-key"), std::nullopt);
  EXPECT_EQ(asked[1].field("x-api-key"), "own");
  EXPECT_EQ(asked[1].field("authorization"), std::nullopt);
  EXPECT_EQ(asked[2].field("authorization"), "Bearer " + std::string(Token));
  EXPECT_EQ(asked[2].field("x-api-key"), std::nullopt);
  EXPECT_FALSE(was_shown(upstream_, GatewayKey));
}

TEST_F(OwnCredential, OfASubscriptionGoesToNoOtherAddressWhateverIsAskedFor) {
  alias({{"anthropic:a"}, {"other:b"}}, {"other:c"});
  gateway_.config.aliases.aliases.push_back(
      {.key = "aliases.n", .name = "n", .targets = {{"other:a"}}, .fallback = {"anthropic:b"}});

  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(complete("m", bearer(Token)).status(), 200);
    EXPECT_EQ(complete("n", bearer(Token)).status(), 401);
    EXPECT_EQ(complete("other:x", bearer(Token)).status(), 401);
  }
  EXPECT_EQ(told(post("/v1/messages/count_tokens", body("other:x"), bearer(Token))).status(), 401);
  EXPECT_EQ(told(get("/v1/models?provider=other", bearer(Token))).status(), 401);
  EXPECT_EQ(told(get("/v1/models/other%3Ax", bearer(Token))).status(), 401);
  EXPECT_EQ(told(get("/top-models", bearer(Token))).status(), 200);
  EXPECT_THAT(told(get("/test-connection?provider=other&model=x", bearer(Token))).body,
              HasSubstr("skipped"));

  EXPECT_EQ(other_.asked().size(), 0u);
  EXPECT_EQ(upstream_.asked().size(), 7u) << "six completions and one list";
}

TEST_F(OwnCredential, OfAnyKindGoesDownNoChain) {
  SteppedUpstream failing({{refused(500)}});
  gateway_.config.providers[0] = provider_at("first", Dialect::Anthropic, failing.port());
  gateway_.config.providers[0].auth = AuthMode::ClientKey;
  alias({{"first:a"}}, {"other:b"});

  EXPECT_EQ(complete("m", api_key("canary-key")).status(), 500);
  EXPECT_EQ(complete("m", bearer("canary-token")).status(), 500);

  EXPECT_EQ(failing.asked().size(), 2u);
  EXPECT_EQ(other_.asked().size(), 0u);
}

TEST_F(OwnCredential, GivesWayToATargetThatHasAKey) {
  SteppedUpstream failing({{refused(500)}});
  gateway_.config.providers[0] = provider_at("anthropic", Dialect::Anthropic, failing.port());
  gateway_.config.providers[0].auth = AuthMode::ClientKey;
  gateway_.config.providers[1].auth = AuthMode::Key;
  gateway_.config.providers[1].keys = {Secret("gateways-own")};
  alias({{"anthropic:a"}}, {"other:b"});

  EXPECT_EQ(complete("m", bearer(Token)).status(), 200);
  EXPECT_EQ(complete("m", "").status(), 200) << "without one the first target is left out";

  EXPECT_EQ(failing.asked().size(), 1u);
  ASSERT_EQ(other_.asked().size(), 2u);
  EXPECT_EQ(other_.asked()[0].field("x-api-key"), "gateways-own");
  EXPECT_FALSE(was_shown(other_, Token));
}

TEST_F(OwnCredential, IsMissedWhereNoneWasSent) {
  const Message answer = complete("anthropic:m", "");

  EXPECT_EQ(answer.status(), 401);
  EXPECT_THAT(answer.body, HasSubstr("is called with the client's own key; none was sent"));
  EXPECT_EQ(upstream_.asked().size(), 0u);
  const Ended ended = gateway_.sink.wait_for<Ended>(1).at(0);
  EXPECT_EQ(ended.outcome, Outcome::Rejected);
  EXPECT_EQ(ended.facts->provider, "anthropic");
}

TEST_F(OwnCredential, OfAnImpliedProvidersKindIsAllThatReachesIt) {
  gateway_.config.providers[0].implied_for = "sk-ant-";
  gateway_.config.providers[1].auth = AuthMode::Key;
  gateway_.config.providers[1].keys = {Secret("gateways-own")};

  EXPECT_EQ(complete("anthropic:m", bearer(Token)).status(), 200);
  EXPECT_EQ(complete("m", bearer(Token)).status(), 200) << "the other one serves bare names";
  for (const std::string& fields : {bearer("anything"), api_key("sk-openai"), std::string()}) {
    const Message answer = complete("anthropic:m", fields);
    EXPECT_EQ(answer.status(), 404);
    EXPECT_THAT(answer.body, HasSubstr("provider anthropic has no key: set ANTHROPIC_API_KEY"));
  }

  EXPECT_EQ(upstream_.asked().size(), 1u);
  EXPECT_EQ(other_.asked().size(), 1u);
  EXPECT_FALSE(was_shown(other_, Token));
}

TEST_F(OwnCredential, IsInNoEventEvenIfTheProviderRepeatsIt) {
  const std::string echo =
      error_said(Dialect::Anthropic, "authentication_error", "invalid token " + std::string(Token));
  SteppedUpstream refusing({{whole_answer(401, echo)}});
  gateway_.config.providers[0] = provider_at("anthropic", Dialect::Anthropic, refusing.port());
  gateway_.config.providers[0].auth = AuthMode::ClientKey;

  EXPECT_EQ(complete("anthropic:m", bearer(Token)).status(), 401);

  const Ended ended = gateway_.sink.wait_for<Ended>(1).at(0);
  EXPECT_THAT(ended.error_message, Not(HasSubstr("canary")));
  EXPECT_THAT(ended.facts->client_label, Not(HasSubstr("canary")));
  EXPECT_EQ(ended.facts->client_label.size(), 12u);
}

TEST_F(OwnCredential, IsCountedWithByItsProvider) {
  told(post("/v1/messages/count_tokens", body("anthropic:x"), bearer(Token)));

  EXPECT_EQ(upstream_.asked().at(0).field("authorization"), "Bearer " + std::string(Token));
}

TEST_F(OwnCredential, OfOneRequestIsNotTheNextOnes) {
  gateway_.start();
  started_ = true;
  auto client = gateway_.client();
  for (const std::string_view key : {"one", "one", "two", "two"}) {
    client.send(post("/v1/messages", body("anthropic:m"), bearer(key)));
    EXPECT_EQ(client.read_message().status(), 200);
  }

  const auto asked = upstream_.asked();
  ASSERT_EQ(asked.size(), 4u);
  EXPECT_EQ(asked[1].field("authorization"), "Bearer one");
  EXPECT_EQ(asked[2].field("authorization"), "Bearer two");
  EXPECT_EQ(asked[3].field("authorization"), "Bearer two");
}

}  // namespace
}  // namespace vdm::proxy::own_credential_test
