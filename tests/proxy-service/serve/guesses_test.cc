#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/proxy-service/serve/running_gateway.h"

// Guessed keys at the proxy's port, on real sockets.

namespace vdm::proxy::guesses_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;

constexpr std::string_view Right = "x-api-key: open-sesame\r\n";

std::string shows(std::string_view key, std::string_view client = "192.0.2.1") {
  return "authorization: Bearer " + std::string(key) +
         "\r\nx-forwarded-for: " + std::string(client) + "\r\n";
}

class Guesses : public ::testing::Test {
 protected:
  Guesses()
      : upstream_(FakeUpstream::always(fakes::whole_answer(200, AnthropicAnswer))),
        gateway_(upstream_.port()) {
    gateway_.config.access.proxy_api_key = Secret("open-sesame");
  }
  Message told(std::string_view more, std::string_view path = "/v1/aliases") {
    auto client = gateway_.client();
    client.send(get(path, more));
    return client.read_message();
  }
  void guess(int times, std::string_view more = "x-api-key: guess\r\n") {
    for (int i = 0; i < times; ++i) told(more);
  }

  FakeUpstream upstream_;
  RunningGateway gateway_;
};

TEST_F(Guesses, AreRefusedUnreadFromTheEleventhOn) {
  gateway_.start();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(told("x-api-key: guess\r\n").status(), 401) << i;

  const Message wrong = told("x-vandamme-key: guess\r\n");
  const Message right = told(Right);

  EXPECT_EQ(wrong.status(), 429);
  EXPECT_EQ(right.status(), 429) << "else guessing would go on";
  EXPECT_GT(std::stoi(std::string(*right.field("retry-after"))), 0);
  EXPECT_EQ(told("").status(), 401) << "without a key nothing is guessed";
  EXPECT_EQ(told("", "/health/ready").status(), 200);
}

TEST_F(Guesses, LeaveAConnectionAloneThatIsIn) {
  gateway_.start();
  auto client = gateway_.client();
  client.send(post("/v1/messages", AnthropicRequest, Right));
  EXPECT_EQ(client.read_message().status(), 200);
  guess(1100);
  EXPECT_EQ(told(Right).status(), 429) << "even of those known, at last";

  client.send(post("/v1/messages", AnthropicRequest, Right));

  EXPECT_EQ(client.read_message().status(), 200);
}

TEST_F(Guesses, LeaveAnAddressInThatShowedTheRightKey) {
  gateway_.start();
  EXPECT_EQ(told(Right).status(), 200);
  guess(200);

  EXPECT_EQ(told(Right).status(), 200) << "many users may stand behind it";
}

TEST_F(Guesses, ArePerClientOfATrustedProxyEvenOnOneConnection) {
  gateway_.config.trusted_proxies = {"127.0.0.0/8"};
  gateway_.start();
  guess(10, shows("guess"));
  EXPECT_EQ(told(shows("open-sesame")).status(), 429);
  auto edge = gateway_.client();
  for (int i = 0; i < 3; ++i) {
    edge.send(get("/v1/aliases", shows("open-sesame", "192.0.2.2")));
    EXPECT_EQ(edge.read_message().status(), 200) << i;
  }
  edge.send(get("/v1/aliases", shows("open-sesame", "203.0.113.9, 192.0.2.1")));

  EXPECT_EQ(edge.read_message().status(), 429);
}

TEST_F(Guesses, ArePerPeerWhoeverItSaysThatItSpeaksFor) {
  gateway_.start();
  for (int i = 0; i < 10; ++i) told(shows("guess", "192.0.2." + std::to_string(i)));

  EXPECT_EQ(told(shows("open-sesame", "198.51.100.1")).status(), 429);
}

TEST_F(Guesses, AreNoneWhereNoKeyIsSet) {
  gateway_.config.access.proxy_api_key = Secret();
  gateway_.start();
  for (int i = 0; i < 12; ++i) EXPECT_EQ(told("x-api-key: theirs\r\n").status(), 200) << i;
}

}  // namespace
}  // namespace vdm::proxy::guesses_test
