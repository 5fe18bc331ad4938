#include <gmock/gmock.h>

#include "tests/proxy-service/serve/gateway_in_front.h"

// A provider with two doors: each client comes by the one of its own dialect.

namespace vdm::proxy::doors_test {
namespace {

using fakes::Message;
using fakes::SteppedUpstream;
using fakes::whole_answer;
using ::testing::HasSubstr;

constexpr std::string_view Key = "sk-provider-key-0123456789";
// Members and spaces that no conversion would leave as they are.
constexpr std::string_view Messages =
    R"({ "max_tokens":16, "model":"both:m" ,"x-own":[1, 2],"messages":[{"role":"user","content":"hi"}]})";
constexpr std::string_view Chat =
    R"({ "n":1, "model":"both:m" ,"x-own":[1, 2],"messages":[{"role":"user","content":"hi"}]})";
constexpr std::string_view OddMessage =
    R"({ "id":"msg_1","type":"message","role":"assistant","model":"m","x-own":1,"content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":3}})";
constexpr std::string_view OddChat =
    R"({ "id":"c1","object":"chat.completion","model":"m","x-own":1,"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}})";

/// The request's bytes with the provider's name of the model.
std::string spliced(std::string_view request) {
  std::string text(request);
  const std::string_view named = "both:m";
  return text.replace(text.find(named), named.size(), "m");
}

class Doors : public ::testing::Test {
 protected:
  Doors() {
    Provider both = provider_at("both", Dialect::OpenAi, chat_.port());
    both.doors.push_back(door_at(Dialect::Anthropic, messages_.port()));
    gateway_.config.providers = {std::move(both)};
    gateway_.on_one_thread();
  }

  Message told(const std::string& request) {
    if (!std::exchange(started_, true)) gateway_.start();
    auto client = gateway_.client();
    client.send(request);
    return client.read_message();
  }
  /// Every thread has taken it when this returns.
  void renew(Config config) {
    gateway_.gateway().renew(std::move(config));
    told(get("/health/ready"));
  }

  SteppedUpstream chat_{{{whole_answer(200, OddChat)}}};
  SteppedUpstream messages_{{{whole_answer(200, OddMessage)}}};
  RunningGateway gateway_;
  bool started_ = false;
};

TEST_F(Doors, PassMessagesUntouchedByTheirOwn) {
  const Message answer = told(post("/v1/messages", Messages, "anthropic-beta: x\r\n"));

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, OddMessage);
  EXPECT_TRUE(chat_.asked().empty());
  ASSERT_EQ(messages_.asked().size(), 1u);
  const Message asked = messages_.asked()[0];
  EXPECT_EQ(asked.first_line(), "POST /v1/messages HTTP/1.1");
  EXPECT_EQ(asked.body, spliced(Messages));
  EXPECT_EQ(asked.field("host"), "127.0.0.1:" + std::to_string(messages_.port()));
  EXPECT_EQ(asked.field("x-api-key"), Key);
  EXPECT_EQ(asked.field("authorization"), std::nullopt);
  EXPECT_EQ(asked.field("anthropic-beta"), "x");
  EXPECT_EQ(asked.field("anthropic-version"), "2023-06-01");
  const auto ended = gateway_.sink.wait_for<Ended>(1);
  EXPECT_EQ(ended.at(0).facts->upstream_dialect, Dialect::Anthropic);
  EXPECT_EQ(ended.at(0).usage.output_tokens, 3u);
}

TEST_F(Doors, PassChatUntouchedByTheirOwn) {
  const Message answer = told(post("/v1/chat/completions", Chat));

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, OddChat);
  EXPECT_TRUE(messages_.asked().empty());
  ASSERT_EQ(chat_.asked().size(), 1u);
  const Message asked = chat_.asked()[0];
  EXPECT_EQ(asked.first_line(), "POST /v1/chat/completions HTTP/1.1");
  EXPECT_EQ(asked.body, spliced(Chat));
  EXPECT_EQ(asked.field("host"), "127.0.0.1:" + std::to_string(chat_.port()));
  EXPECT_EQ(asked.field("authorization"), "Bearer " + std::string(Key));
  EXPECT_EQ(asked.field("x-api-key"), std::nullopt);
  EXPECT_EQ(asked.field("anthropic-version"), std::nullopt);
  EXPECT_EQ(gateway_.sink.wait_for<Ended>(1).at(0).facts->upstream_dialect, Dialect::OpenAi);
}

TEST_F(Doors, TakeTurnsOnOneConnectionOfAClient) {
  gateway_.start();
  started_ = true;
  auto client = gateway_.client();
  for (int i = 0; i < 3; ++i) {
    client.send(post("/v1/messages", Messages));
    EXPECT_EQ(client.read_message().body, OddMessage);
    client.send(post("/v1/chat/completions", Chat));
    EXPECT_EQ(client.read_message().body, OddChat);
  }

  EXPECT_EQ(messages_.asked().size(), 3u);
  EXPECT_EQ(chat_.asked().size(), 3u);
  EXPECT_EQ(messages_.connections(), 1) << "each has a pool of its own";
  EXPECT_EQ(chat_.connections(), 1);
}

TEST_F(Doors, ReadTheKeyWhereEachSays) {
  gateway_.config.providers[0].doors[1].key_header = KeyHeader::Bearer;

  told(post("/v1/messages", Messages));

  ASSERT_EQ(messages_.asked().size(), 1u);
  EXPECT_EQ(messages_.asked()[0].field("authorization"), "Bearer " + std::string(Key));
  EXPECT_EQ(messages_.asked()[0].field("x-api-key"), std::nullopt);
}

TEST_F(Doors, CountTokensByTheOneOfMessages) {
  SteppedUpstream counting{{{whole_answer(200, R"({"input_tokens":7})")}}};
  gateway_.config.providers[0].doors[1] = door_at(Dialect::Anthropic, counting.port());

  const Message answer = told(post("/v1/messages/count_tokens", Messages));

  EXPECT_EQ(answer.body, R"({"input_tokens":7})");
  EXPECT_EQ(counting.asked().at(0).first_line(), "POST /v1/messages/count_tokens HTTP/1.1");
}

TEST_F(Doors, OfOneProviderFailToOneOfAnotherThatConverts) {
  SteppedUpstream down{{{refused(503)}}};
  gateway_.config.providers[0].doors[1] = door_at(Dialect::Anthropic, down.port());
  gateway_.config.providers.push_back(provider_at("one", Dialect::OpenAi, chat_.port()));
  gateway_.config.aliases.aliases.push_back(
      {.key = "aliases.m", .name = "m", .targets = {{"both:m"}}, .fallback = {"one:n"}});

  const Message answer =
      told(post("/v1/messages",
                R"({"model":"m","max_tokens":16,"messages":[{"role":"user","content":"hi"}]})"));

  EXPECT_EQ(answer.status(), 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("type":"message")"));
  EXPECT_EQ(down.asked().size(), 1u);
  ASSERT_EQ(chat_.asked().size(), 1u);
  EXPECT_EQ(chat_.asked()[0].first_line(), "POST /v1/chat/completions HTTP/1.1");
  EXPECT_EQ(chat_.asked()[0].field("authorization"), "Bearer " + std::string(Key));
  const auto ended = gateway_.sink.wait_for<Ended>(1);
  EXPECT_EQ(ended.at(0).facts->upstream_dialect, Dialect::OpenAi);
}

TEST_F(Doors, AreAskedForTheListOfModelsByTheFirst) {
  told(get("/v1/models?provider=both", "anthropic-version: 2023-06-01\r\n"));

  ASSERT_EQ(chat_.asked().size(), 1u);
  EXPECT_EQ(chat_.asked()[0].first_line(), "GET /v1/models HTTP/1.1");
  EXPECT_TRUE(messages_.asked().empty());
}

TEST_F(Doors, AreProbedByTheOneOfTheAskingDialect) {
  told(get("/test-connection?provider=both&model=m", "anthropic-version: 2023-06-01\r\n"));
  told(get("/test-connection?provider=both&model=m"));

  EXPECT_EQ(messages_.asked().at(0).first_line(), "POST /v1/messages HTTP/1.1");
  EXPECT_EQ(chat_.asked().at(0).first_line(), "POST /v1/chat/completions HTTP/1.1");
}

TEST_F(Doors, AreAllShownByHealth) {
  const Message health = told(get("/health", "accept: application/json\r\n"));

  EXPECT_THAT(health.body,
              HasSubstr(R"("doors":{"chat":"http://127.0.0.1:)" + std::to_string(chat_.port()) +
                        R"(/v1","messages":"http://127.0.0.1:)" + std::to_string(messages_.port()) +
                        R"("})"));
}

TEST_F(Doors, ChangeOneByOneWhenTheConfigurationDoes) {
  SteppedUpstream moved{{{whole_answer(200, OddMessage)}}};
  told(post("/v1/messages", Messages));
  told(post("/v1/chat/completions", Chat));
  Config config = gateway_.config;
  config.providers[0].doors[1] = door_at(Dialect::Anthropic, moved.port());

  renew(config);
  told(post("/v1/messages", Messages));
  told(post("/v1/chat/completions", Chat));

  EXPECT_EQ(messages_.asked().size(), 1u);
  EXPECT_EQ(moved.asked().size(), 1u);
  EXPECT_EQ(chat_.asked().size(), 2u);
}

TEST_F(Doors, ThatAreTakenAwayLeaveTheClientToTheOther) {
  told(post("/v1/messages", Messages));
  Config config = gateway_.config;
  config.providers[0].doors.pop_back();

  renew(config);
  const Message answer = told(post("/v1/messages", Messages));

  EXPECT_EQ(answer.status(), 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("type":"message")")) << "converted";
  EXPECT_EQ(messages_.asked().size(), 1u);
  EXPECT_EQ(chat_.asked().size(), 1u);
}

TEST_F(Doors, GetAClientsOwnCredentialInTheFieldItCameIn) {
  Provider& both = gateway_.config.providers[0];
  both.auth = AuthMode::ClientKey;
  both.keys.clear();

  told(post("/v1/messages", Messages, "x-api-key: mine\r\n"));
  told(post("/v1/chat/completions", Chat, "authorization: Bearer mine\r\n"));

  EXPECT_EQ(messages_.asked().at(0).field("x-api-key"), "mine");
  EXPECT_EQ(chat_.asked().at(0).field("authorization"), "Bearer mine");
}

TEST_F(Doors, OfAnotherDialectGetNoSubscription) {
  constexpr std::string_view Token = "authorization: Bearer sk-ant-oat01-canary\r\n";
  Provider& both = gateway_.config.providers[0];
  both.name = "anthropic";
  both.auth = AuthMode::ClientKey;
  both.keys.clear();
  const auto ask = [&](std::string_view path, std::string text) {
    text.replace(text.find("both:"), 5, "anthropic:");
    return told(post(path, text, Token));
  };

  EXPECT_EQ(ask("/v1/messages", std::string(Messages)).status(), 200);
  EXPECT_EQ(ask("/v1/chat/completions", std::string(Chat)).status(), 401);

  EXPECT_EQ(messages_.asked().at(0).field("authorization"), "Bearer sk-ant-oat01-canary");
  EXPECT_TRUE(chat_.asked().empty());
}

}  // namespace
}  // namespace vdm::proxy::doors_test
