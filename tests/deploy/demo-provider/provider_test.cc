#include "deploy/demo-provider/provider.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "deploy/demo-provider/traffic.h"
#include "tests/common/http/served.h"

namespace vdm::demo::demo_provider_provider_test {
namespace {

constexpr double Fast = 10000.0;

std::string post(std::string_view path, std::string_view body, std::string_view key = "k") {
  std::string request = "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!key.empty()) request += "x-api-key: " + std::string(key) + "\r\n";
  return request + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string asking(std::string_view model, std::string_view more = {}) {
  return R"({"model": ")" + std::string(model) + R"(", "max_tokens": 2000, )" + std::string(more) +
         R"("messages": [{"role": "user", "content": "bread"}]})";
}

class ProviderTest : public ::testing::Test {
 protected:
  Provider provider_{Fast};
  http::Served served_{[this](http::Router& router) { provider_.add_routes(router); }};
};

TEST_F(ProviderTest, StreamsInBothDialects) {
  http::Client client(served_.port());

  const auto openai =
      client.ask(post("/v1/chat/completions", asking("demo-fast", R"("stream": true, )")));
  const auto anthropic =
      client.ask(post("/v1/messages", asking("demo-fast", R"("stream": true, )")));

  EXPECT_EQ(openai["Content-Type"], "text/event-stream; charset=utf-8");
  EXPECT_EQ(openai.body().substr(openai.body().size() - 14), "data: [DONE]\n\n");
  EXPECT_EQ(anthropic.body().rfind("event: message_start\n", 0), 0u);
  EXPECT_NE(anthropic.body().find("event: message_stop\n"), std::string::npos);
}

TEST_F(ProviderTest, WantsAKeyForCompletionsButNotForModels) {
  http::Client client(served_.port());

  const auto refused = client.ask(post("/v1/messages", asking("demo-fast"), ""));
  const auto models = client.ask(http::get("/v1/models"));
  const auto claudes = client.ask(http::get("/v1/models", "anthropic-version: 2023-06-01\r\n"));

  EXPECT_EQ(refused.result_int(), 401u);
  EXPECT_EQ(json::parse(models.body()).at("object").as_string(), "list");
  EXPECT_EQ(json::parse(claudes.body()).at("has_more").as_bool(), false);
}

TEST_F(ProviderTest, FailsOnRequest) {
  http::Client client(served_.port());

  for (const unsigned status : {429u, 500u, 529u}) {
    const auto answer =
        client.ask(post("/v1/messages", asking("demo-error-" + std::to_string(status))));
    EXPECT_EQ(answer.result_int(), status);
    EXPECT_EQ(json::parse(answer.body()).at("type").as_string(), "error");
  }
  EXPECT_EQ(client.ask(post("/v1/messages", asking("demo-none"))).result_int(), 404u);
  EXPECT_EQ(client.ask(post("/v1/messages", "{}")).result_int(), 400u);
}

TEST_F(ProviderTest, CutsAStreamWithoutAnEnd) {
  http::Client client(served_.port());

  client.send(post("/v1/chat/completions", asking("demo-cut", R"("stream": true, )")));
  const std::string answer = client.read_to_end();

  EXPECT_NE(answer.find("chat.completion.chunk"), std::string::npos);
  EXPECT_EQ(answer.find("[DONE]"), std::string::npos);
  EXPECT_EQ(answer.find("\r\n0\r\n"), std::string::npos);
}

TEST_F(ProviderTest, StallsUntilTheClientLeaves) {
  http::Client client(served_.port());
  client.send(post("/v1/messages", asking("demo-stall", R"("stream": true, )")));
  client.read_until("content_block_delta");

  client.close();

  served_.until([](const http::Server& server) { return server.connections() == 0; });
}

TEST_F(ProviderTest, CountsTokensAsItsUsageDoes) {
  http::Client client(served_.port());

  const auto counted = client.ask(
      post("/v1/messages/count_tokens",
           R"({"model": "demo-fast", "messages": [{"role": "user", "content": "bread"}]})"));
  const auto answered = client.ask(post("/v1/messages", asking("demo-fast")));

  EXPECT_EQ(json::parse(counted.body()).at("input_tokens"),
            json::parse(answered.body()).at("usage").at("input_tokens"));
}

TEST_F(ProviderTest, IsKeptBusyByTheDemoTraffic) {
  http::IoThread thread("traffic");
  auto options = traffic_to("http://127.0.0.1:" + std::to_string(served_.port()));
  ASSERT_TRUE(options);
  options->speed = Fast;
  Traffic traffic(thread, *options);

  traffic.start();
  thread.start();
  served_.until([](const http::Server& server) { return server.requests() >= 60; });
  thread.cancel_all();
  thread.release();
  thread.join();

  EXPECT_GE(traffic.answered(), 40u);
}

TEST(Traffic, TakesOnlyAPlainHttpAddress) {
  EXPECT_EQ(traffic_to("http://edge:8080/")->to.host, "edge");
  EXPECT_EQ(traffic_to("http://127.0.0.1:8082")->to.port, 8082);
  for (const auto* wrong : {"https://a:1", "127.0.0.1:8082", "http://a", "http://a:1/b", ""}) {
    EXPECT_FALSE(traffic_to(wrong)) << wrong;
  }
}

TEST(Conversation, AnswersTheToolsThatWereCalled) {
  Conversation conversation(4, 7);  // the travel agent, who has tools
  conversation.next();

  conversation.called({{"call_1", "weather"}});
  const auto body = json::parse(conversation.next().body);

  const auto& messages = body.at("messages").as_array();
  EXPECT_EQ(messages.back().at("role").as_string(), "tool");
  EXPECT_EQ(messages.back().at("tool_call_id").as_string(), "call_1");
}

TEST(Conversation, GoesWrongNowAndThen) {
  int wrong = 0;
  Conversation conversation(1, 7);
  for (int i = 0; i < 1000; ++i) {
    const std::string body = conversation.next().body;
    if (body.find("demo-error") != std::string::npos ||
        body.find("demo-cut") != std::string::npos) {
      ++wrong;
    }
  }
  EXPECT_GT(wrong, 10);
  EXPECT_LT(wrong, 80);
}

}  // namespace
}  // namespace vdm::demo::demo_provider_provider_test
