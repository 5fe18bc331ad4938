#include "proxy-service/catalog/provider_probe.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::provider_probe_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;
using ::testing::HasSubstr;
using ::testing::Not;

Message ask(RunningGateway& gateway, std::string_view target, std::string_view fields = "") {
  auto client = gateway.client();
  client.send(get(target, fields));
  return client.read_message();
}

TEST(ProviderProbe, IsOneTinyRequestToTheModelThatIsNamed) {
  std::vector<Message> asked;
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer), &asked));
  RunningGateway gateway(upstream.port());
  gateway.start();

  const Message answer = ask(gateway, "/test-connection?provider=anth&model=claude-x");

  EXPECT_EQ(answer.status(), 200);
  EXPECT_THAT(answer.body, HasSubstr(R"({"status":"success")"));
  EXPECT_THAT(answer.body,
              HasSubstr(R"("provider":"anth","model_used":"claude-x","response_id":"msg_1"})"));
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].first_line(), "POST /v1/messages HTTP/1.1");
  EXPECT_THAT(asked[0].body, HasSubstr(R"("max_tokens":16)"));
  EXPECT_EQ(asked[0].field("x-api-key"), "sk-provider-key-0123456789");
  EXPECT_EQ(gateway.sink.all<Started>().size(), 0u);
}

TEST(ProviderProbe, TakesASmallModelsAliasElseTheFirstThatIsListed) {
  std::vector<Message> asked;
  FakeUpstream upstream([&asked](Peer& peer, int) {
    for (;;) {
      Message message = peer.read_message();
      if (!message.complete) return;
      const bool lists = message.first_line().starts_with("GET ");
      if (!lists) asked.push_back(std::move(message));
      peer.send(whole_answer(200, lists ? R"({"data":[{"id":"first"}]})" : OpenAiAnswer));
    }
  });
  RunningGateway gateway(upstream.port());
  gateway.on_one_thread().start();
  RunningGateway with_alias(upstream.port());
  with_alias.config.aliases.aliases = {{.key = "OPEN_ALIAS_HAIKU",
                                        .name = "haiku",
                                        .scope = Alias::Scope::Provider,
                                        .provider = "open",
                                        .targets = {{"tiny"}}}};
  with_alias.on_one_thread().start();

  ask(gateway, "/test-connection?provider=open");
  ask(with_alias, "/test-connection?provider=open");

  ASSERT_EQ(asked.size(), 2u);
  EXPECT_THAT(asked[0].body, HasSubstr(R"("model":"first")"));
  EXPECT_THAT(asked[1].body, HasSubstr(R"("model":"tiny")"));
}

TEST(ProviderProbe, SaysWhatToLookAtWithoutTheKey) {
  constexpr std::string_view Refused =
      R"({"error":{"message":"Incorrect API key: sk-provider-key-0123456789","type":"x"}})";
  FakeUpstream upstream(FakeUpstream::always(whole_answer(401, Refused)));
  RunningGateway gateway(upstream.port());
  gateway.start();

  const Message answer = ask(gateway, "/test-connection?provider=open&model=m");

  EXPECT_EQ(answer.status(), 503);
  EXPECT_THAT(answer.body, HasSubstr(R"("status":"failed")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("error_type":"http_401","upstream_status":401)"));
  EXPECT_THAT(answer.body, HasSubstr("check the provider's key"));
  EXPECT_THAT(answer.body, Not(HasSubstr("sk-provider-key")));
}

TEST(ProviderProbe, IsSkippedWhenOnlyAClientsKeyWouldDo) {
  RunningGateway gateway(1);
  gateway.config.providers[1].auth = AuthMode::ClientKey;
  gateway.start();

  const Message answer = ask(gateway, "/test-connection?provider=open");

  EXPECT_EQ(answer.status(), 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("status":"skipped")"));
}

TEST(ProviderProbe, IsOneAtATimeInTheWholeProcess) {
  std::promise<void> asked;
  std::promise<void> go_on;
  FakeUpstream upstream([&](Peer& peer, int) {
    if (!peer.read_message().complete) return;
    asked.set_value();
    go_on.get_future().wait();
    peer.send(whole_answer(200, OpenAiAnswer));
  });
  RunningGateway gateway(upstream.port());
  auto first = gateway.start().client();
  first.send(get("/test-connection?provider=open&model=m"));
  asked.get_future().wait();

  EXPECT_EQ(ask(gateway, "/test-connection?provider=open&model=m").status(), 429);

  go_on.set_value();
  EXPECT_EQ(first.read_message().status(), 200);
}

TEST(ProviderProbe, IsNotForPagesOfOtherSitesNorForAProbe) {
  RunningGateway gateway(1);
  gateway.start();

  EXPECT_EQ(ask(gateway, "/test-connection", "sec-fetch-site: cross-site\r\n").status(), 403);
  auto client = gateway.client();
  client.send("HEAD /test-connection HTTP/1.1\r\nhost: localhost\r\n\r\n");
  EXPECT_EQ(client.read_message(true).status(), 405);
}

}  // namespace
}  // namespace vdm::proxy::provider_probe_test
