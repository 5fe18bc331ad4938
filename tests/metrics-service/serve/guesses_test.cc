#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/metrics-service/serve/served_api.h"

// Guessed keys on real sockets, on each way in.

namespace vdm::metrics::guesses_test {
namespace {

constexpr std::string_view Totals = "/metrics/running-totals";
constexpr std::string_view Right = "x-api-key: right-key\r\n";

ServedApi::Options guarded(std::vector<std::string> trusted = {}) {
  ServedApi::Options options;
  options.keys.keys = one_key("right-key");
  options.keys.throttle = {.wrong_max = 2, .wrong_of_known_max = 4};
  options.keys.trusted_proxies = TrustedProxies(trusted);
  return options;
}

std::string with(std::string_view key, std::string_view client) {
  return "x-api-key: " + std::string(key) + "\r\nX-Forwarded-For: " + std::string(client) + "\r\n";
}

TEST(Guesses, AreCountedTogetherOnEachWayIn) {
  ServedApi served(guarded());
  EXPECT_EQ(served.post("/login", R"({"key":"guess"})").result_int(), 401u);
  EXPECT_EQ(served.get(Totals, "Authorization: Bearer guess\r\n").result_int(), 401u);

  const auto by_header = served.get(Totals, Right);
  const auto by_login = served.post("/login", R"({"key":"right-key"})");

  for (const auto* answer : {&by_header, &by_login}) {
    EXPECT_EQ(answer->result_int(), 429u);
    const int wait = std::stoi(std::string((*answer)["Retry-After"]));
    EXPECT_GT(wait, 0);
    EXPECT_LE(wait, 60);
  }
  EXPECT_EQ(served.get(Totals).result_int(), 401u) << "without a key nothing is guessed";
}

TEST(Guesses, LearnNothingFromAnOpenPath) {
  ServedApi served(guarded());
  for (int i = 0; i < 2; ++i) {
    const auto answer = served.get("/session", "x-api-key: guess\r\n");
    EXPECT_EQ(answer.result_int(), 200u);
    EXPECT_NE(answer.body().find("\"authenticated\":false"), std::string::npos);
  }

  const auto answer = served.get("/session", Right);

  EXPECT_NE(answer.body().find("\"authenticated\":false,\"role\":\"\""), std::string::npos)
      << answer.body();
}

TEST(Guesses, LeaveALoginAlone) {
  ServedApi served(guarded());
  const auto login = served.post("/login", R"({"key":"right-key"})");
  const std::string set(login["Set-Cookie"]);
  const std::string cookie = "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  for (int i = 0; i < 6; ++i) served.get(Totals, "x-api-key: guess\r\n");
  EXPECT_EQ(served.get(Totals, Right).result_int(), 429u);

  EXPECT_EQ(served.get(Totals, cookie).result_int(), 200u);
}

TEST(Guesses, ArePerClientOfATrustedProxy) {
  ServedApi served(guarded({"127.0.0.1"}));
  for (int i = 0; i < 2; ++i) served.get(Totals, with("guess", "192.0.2.1"));

  EXPECT_EQ(served.get(Totals, with("right-key", "192.0.2.1")).result_int(), 429u);
  EXPECT_EQ(served.get(Totals, with("right-key", "203.0.113.9, 192.0.2.1")).result_int(), 429u)
      << "what the client wrote itself does not count";
  EXPECT_EQ(served.get(Totals, with("right-key", "192.0.2.2")).result_int(), 200u);
}

TEST(Guesses, ArePerPeerWhoeverItSaysThatItSpeaksFor) {
  ServedApi served(guarded());
  for (const char* client : {"192.0.2.1", "192.0.2.2"}) served.get(Totals, with("guess", client));

  EXPECT_EQ(served.get(Totals, with("right-key", "192.0.2.3")).result_int(), 429u);
}

}  // namespace
}  // namespace vdm::metrics::guesses_test
