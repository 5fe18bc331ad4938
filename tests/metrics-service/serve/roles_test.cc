#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "common/access/permissions.h"
#include "tests/metrics-service/serve/served_api.h"

// The table of permissions, walked row by row and role by role against the real server.

namespace vdm::metrics::roles_test {
namespace {

using namespace scenario;

/// What asks for each rule's route.
const std::map<std::string_view, std::string> Requests{
    {"/metrics", "GET /metrics"},
    {"/metrics/active-requests", "GET /metrics/active-requests"},
    {"/metrics/active-requests/stream", "GET /metrics/active-requests/stream"},
    {"/metrics/active-requests/{id}/cancel", "POST /metrics/active-requests/a/cancel"},
    {"/metrics/running-totals", "GET /metrics/running-totals"},
    {"/metrics/logs", "GET /metrics/logs"},
    {"/metrics/snapshot", "GET /metrics/snapshot"},
    {"/metrics/stream", "GET /metrics/stream"},
    {"/health, all of it", "GET /health"},
    {"/health", "GET /health"},
    {"/health/ready", "GET /health/ready"},
    {"/session", "GET /session"},
    {"/login", "POST /login"},
    {"/logout", "POST /logout"},
    {"/", "GET /"},
    {"/dashboard", "GET /dashboard"},
    {"/dashboard/*", "GET /dashboard/index.html"},
    {"/favicon.ico", "GET /favicon.ico"}};

class Roles : public ::testing::Test {
 protected:
  static ServedApi::Options options() {
    ServedApi::Options options;
    options.keys.keys = AccessKeys(key_of_each_role());
    options.keys.throttle.wrong_max = 1'000;
    options.api.cancel_allowed = true;
    return options;
  }

  /// The head of the answer, and of a whole one the body.
  std::string answer_to(const std::string& request, std::string_view key) {
    auto client = served_.client();
    const std::string shown = key.empty() ? "" : "x-api-key: " + std::string(key) + "\r\n";
    client.send(request + " HTTP/1.1\r\nHost: localhost\r\n" + shown +
                "Content-Type: application/json\r\nContent-Length: " +
                (request.starts_with("POST") ? "11\r\n\r\n{\"key\":\"x\"}" : "0\r\n\r\n"));
    const std::string head = client.read_until("\r\n\r\n");
    const bool is_whole = request == "GET /health" || request.ends_with("active-requests") ||
                          request.ends_with("logs");
    return is_whole ? head + client.read_until("}") : head;
  }
  static int status(const std::string& answer) { return std::stoi(answer.substr(9, 3)); }

  ServedApi served_{options()};
};

TEST_F(Roles, GetWhatTheTableGivesThem) {
  served_.report(1, {started("a")});
  for (const Permission& row : permissions::Table) {
    if (row.port != Port::Metrics) continue;
    const auto request = Requests.find(row.rule);
    ASSERT_NE(request, Requests.end()) << row.rule << ": say how it is asked for";
    if (row.rule == "/login") continue;  // says 401 of a wrong key
    for (const Role role : AllRoles) {
      const std::string answer = answer_to(request->second, word_of(role));
      const std::string what =
          request->second + " as " + std::string(word_of(role)) + ": " + answer;
      if (row.rule == "/health, all of it") {
        EXPECT_EQ(answer.find("commit") != answer.npos, row.lets(role)) << what;
      } else if (row.lets(role)) {
        EXPECT_LT(status(answer),
                  row.rule == "/favicon.ico" || row.port != Port::Metrics ? 500 : 405)
            << what;
        EXPECT_NE(status(answer), 401) << what;
        EXPECT_NE(status(answer), 403) << what;
      } else {
        EXPECT_EQ(status(answer), 403) << what;
      }
    }
  }
}

TEST_F(Roles, AreNobodysWithoutAKeyThatCounts) {
  for (const Permission& row : permissions::Table) {
    if (row.port != Port::Metrics || row.open || row.rule == "/health, all of it") continue;
    for (const std::string_view key : {std::string_view(), std::string_view("guess"), ExpiredKey}) {
      EXPECT_EQ(status(answer_to(Requests.at(row.rule), key)), 401) << row.rule << " " << key;
    }
  }
  EXPECT_EQ(status(answer_to("GET /nothing", "")), 401);
  EXPECT_EQ(status(answer_to("GET /nothing", "ingest")), 403);
  EXPECT_EQ(status(answer_to("GET /nothing", "client")), 404);
}

TEST_F(Roles, ShowAClientItsOwnRequestsAlone) {
  auto mine = started("mine");
  auto facts = *std::get<Started>(mine).facts;
  facts.client_label = hex_prefix(sha256("client"), 12);
  std::get<Started>(mine).facts = std::make_shared<const RequestFacts>(facts);
  served_.report(1, {mine, started("theirs")});

  const auto active = [&](std::string_view key) {
    return std::string(
        served_.get("/metrics/active-requests", "x-api-key: " + std::string(key) + "\r\n").body());
  };
  EXPECT_NE(active("client").find("\"mine\""), std::string::npos);
  EXPECT_EQ(active("client").find("\"theirs\""), std::string::npos);
  EXPECT_NE(active("viewer").find("\"theirs\""), std::string::npos);

  served_.report(3, {ended("mine", Outcome::Ok), ended("theirs", Outcome::Ok)});
  const auto logs = [&](std::string_view key) {
    return std::string(
        served_.get("/metrics/logs", "x-api-key: " + std::string(key) + "\r\n").body());
  };
  EXPECT_EQ(logs("client").find("\"theirs\""), std::string::npos);
  EXPECT_NE(logs("viewer").find("\"theirs\""), std::string::npos);
}

TEST_F(Roles, AreToldToThePage) {
  const auto session = [&](std::string_view key) {
    return std::string(served_.get("/session", "x-api-key: " + std::string(key) + "\r\n").body());
  };
  EXPECT_NE(session("operator").find(R"("role":"operator","may_cancel":true)"), std::string::npos);
  EXPECT_NE(session("viewer").find(R"("role":"viewer","may_cancel":false)"), std::string::npos);
}

}  // namespace
}  // namespace vdm::metrics::roles_test
