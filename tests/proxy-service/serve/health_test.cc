#include "proxy-service/serve/health.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "tests/proxy-service/serve/running_gateway.h"

// Who is told what of the gateway's state.

namespace vdm::proxy::health_test {
namespace {

using fakes::Message;

constexpr std::string_view Json = "accept: application/json\r\n";
constexpr std::string_view Right = "x-api-key: open-sesame\r\n";
constexpr std::string_view Alive = R"({"status":"healthy","service":"vdm-proxy"})";

class Health : public ::testing::Test {
 protected:
  Health() : gateway_(1) { gateway_.config.access.proxy_api_key = Secret("open-sesame"); }

  Message told(std::string_view path, const std::string& more) {
    auto client = gateway_.client();
    client.send(get(path, more));
    return client.read_message();
  }
  bool tells_all(const std::string& more) {
    const Message answer = told("/health", std::string(Json) + more);
    EXPECT_EQ(answer.status(), 200);
    return boost::json::parse(answer.body).as_object().contains("providers");
  }

  RunningGateway gateway_;
};

TEST_F(Health, TellsThatItLivesAndToWhoShowsTheKeyTheRest) {
  gateway_.start();

  EXPECT_EQ(told("/health", std::string(Json)).body, Alive);
  EXPECT_EQ(told("/health", std::string(Json) + "x-api-key: guess\r\n").body, Alive);
  EXPECT_EQ(told("/health", "").body, "status: healthy\nservice: vdm-proxy\n");
  EXPECT_TRUE(tells_all(std::string(Right)));
  EXPECT_NE(told("/health", std::string(Right)).body.find("providers:"), std::string::npos);
}

TEST_F(Health, TellsOneConnectionAsItsKeysComeAndGo) {
  gateway_.start();
  auto client = gateway_.client();
  for (int i = 0; i < 3; ++i) {
    client.send(get("/health", std::string(Json) + std::string(Right)));
    EXPECT_NE(client.read_message().body, Alive);
    client.send(get("/health", Json));
    EXPECT_EQ(client.read_message().body, Alive);
  }
}

TEST_F(Health, TellsReadinessAlike) {
  gateway_.start();

  EXPECT_EQ(told("/health/ready", "").body, R"({"ready":true})");
  EXPECT_EQ(told("/health/ready", std::string(Right)).body, R"({"ready":true})");
}

TEST_F(Health, TellsAllToThisMachineWhereNoKeyIsSet) {
  gateway_.config.access.proxy_api_key = Secret();
  gateway_.config.trusted_proxies = {"127.0.0.1"};
  gateway_.start();

  EXPECT_TRUE(tells_all(""));
  EXPECT_FALSE(tells_all("x-forwarded-for: 192.0.2.1\r\n")) << "who is elsewhere";
}

}  // namespace
}  // namespace vdm::proxy::health_test
