#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/proxy-service/serve/running_gateway.h"

// Pages of an origin that the configuration names may call, and read the answers.

namespace vdm::proxy::named_origin_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;

constexpr std::string_view App = "origin: https://app.example\r\nsec-fetch-site: cross-site\r\n";
constexpr std::string_view Evil = "origin: https://evil.example\r\n";

class NamedOrigin : public ::testing::Test {
 protected:
  NamedOrigin()
      : upstream_(FakeUpstream::always(fakes::whole_answer(
            200, AnthropicAnswer, "application/json",
            "access-control-allow-origin: *\r\nvary: accept\r\nx-ratelimit-limit: 9\r\n"))),
        gateway_(upstream_.port()) {
    gateway_.config.access.allowed_origins = {"https://app.example"};
    gateway_.config.access.proxy_api_key = Secret("open-sesame");
  }

  Message told(const std::string& text) {
    auto client = gateway_.client();
    client.send(text);
    return client.read_message();
  }
  static void expect_readable(const Message& answer) {
    EXPECT_EQ(answer.field("access-control-allow-origin"), "https://app.example") << answer.head;
    EXPECT_EQ(answer.field("access-control-expose-headers"), "*");
    EXPECT_EQ(answer.field("vary"), "origin");
    EXPECT_EQ(answer.field("access-control-allow-credentials"), std::nullopt);
  }

  FakeUpstream upstream_;
  RunningGateway gateway_;
};

TEST_F(NamedOrigin, IsToldWhatItMaySendWithoutAKey) {
  gateway_.start();
  const auto asks = [](std::string_view path, std::string_view origin) {
    return "OPTIONS " + std::string(path) + " HTTP/1.1\r\nhost: localhost\r\n" +
           std::string(origin) +
           "access-control-request-method: POST\r\n"
           "access-control-request-headers: authorization,content-type,x-stainless-os\r\n"
           "access-control-request-private-network: true\r\n\r\n";
  };

  const Message answer = told(asks("/v1/chat/completions", App));
  const Message files = told(asks("/v1/files/f", App));
  const Message evil = told(asks("/v1/chat/completions", Evil));

  EXPECT_EQ(answer.status(), 200);
  expect_readable(answer);
  EXPECT_EQ(answer.field("access-control-allow-methods"), "POST");
  EXPECT_EQ(answer.field("access-control-allow-headers"),
            "authorization,content-type,x-stainless-os");
  EXPECT_EQ(answer.field("access-control-allow-private-network"), "true");
  EXPECT_EQ(answer.field("access-control-max-age"), "600");
  EXPECT_EQ(files.field("access-control-allow-methods"), "GET, POST, DELETE");
  EXPECT_EQ(evil.status(), 403);
  EXPECT_EQ(evil.head.find("access-control"), std::string::npos);
  EXPECT_EQ(evil.field("vary"), "origin") << "a cache must not answer others with it";
}

TEST_F(NamedOrigin, ReadsAnswersOfEveryKind) {
  gateway_.start();
  const std::string key = std::string(App) + "x-api-key: open-sesame\r\n";

  const Message whole = told(post("/v1/messages", AnthropicRequest, key));
  EXPECT_EQ(whole.status(), 200);
  EXPECT_EQ(whole.field("x-ratelimit-limit"), "9");
  expect_readable(whole);
  expect_readable(told(post("/v1/chat/completions", AnthropicRequest, key)));
  expect_readable(told(post("/v1/messages/count_tokens", AnthropicRequest, key)));
  expect_readable(told(post("/v1/embeddings", R"({"model":"open:m"})", key)));
  expect_readable(told(get("/v1/aliases", key)));
  const Message no_key = told(post("/v1/messages", AnthropicRequest, App));
  EXPECT_EQ(no_key.status(), 401);
  expect_readable(no_key);
  const Message no_json = told(post("/v1/messages", "[", key));
  EXPECT_EQ(no_json.status(), 400);
  expect_readable(no_json);
  const Message no_path = told(get("/v1/nothing", key));
  EXPECT_EQ(no_path.status(), 404);
  expect_readable(no_path);
}

TEST_F(NamedOrigin, ReadsAStream) {
  FakeUpstream upstream([](Peer& peer, int) {
    peer.read_message();
    peer.send(fakes::stream_head("access-control-allow-origin: *\r\n") + fakes::chunk(FirstEvent) +
              "0\r\n\r\n");
  });
  gateway_.config.providers = {provider_at("anth", Dialect::Anthropic, upstream.port())};
  gateway_.start();

  expect_readable(
      told(post("/v1/messages", StreamAsk, std::string(App) + "x-api-key: open-sesame\r\n")));
}

TEST_F(NamedOrigin, IsForItselfAlone) {
  gateway_.start();

  const Message evil = told(
      post("/v1/messages", AnthropicRequest, std::string(Evil) + "x-api-key: open-sesame\r\n"));
  const Message program =
      told(post("/v1/messages", AnthropicRequest, "x-api-key: open-sesame\r\n"));

  EXPECT_EQ(evil.status(), 403);
  EXPECT_EQ(program.status(), 200);
  for (const Message& answer : {evil, program}) {
    EXPECT_EQ(answer.head.find("access-control"), std::string::npos);
    EXPECT_EQ(answer.field("vary"), "origin");
  }
}

TEST_F(NamedOrigin, MayBeNone) {
  gateway_.config.access.allowed_origins.clear();
  gateway_.start();

  const Message program =
      told(post("/v1/messages", AnthropicRequest, "x-api-key: open-sesame\r\n"));

  EXPECT_EQ(program.status(), 200);
  EXPECT_EQ(program.field("vary"), std::nullopt);
}

}  // namespace
}  // namespace vdm::proxy::named_origin_test
