#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "common/access/permissions.h"
#include "tests/common/access/one_key.h"
#include "tests/fakes/manual_clock.h"
#include "tests/proxy-service/serve/running_gateway.h"

// The table of permissions, walked row by row and role by role against the real gateway.

namespace vdm::proxy::roles_test {
namespace {

using namespace std::chrono_literals;
using fakes::FakeUpstream;
using fakes::Message;

/// What asks for each rule's route.
std::map<std::string_view, std::string> requests() {
  const std::string form = R"({"model":"open:m","input":"x"})";
  return {{"/v1/messages", post("/v1/messages", AnthropicRequest, "K")},
          {"/v1/messages/count_tokens", post("/v1/messages/count_tokens", AnthropicRequest, "K")},
          {"/v1/messages/batches", get("/v1/messages/batches", "K")},
          {"/v1/chat/completions", post("/v1/chat/completions", OpenAiRequest, "K")},
          {"/v1/embeddings", post("/v1/embeddings", form, "K")},
          {"/v1/completions", post("/v1/completions", form, "K")},
          {"/v1/moderations", post("/v1/moderations", form, "K")},
          {"/v1/images", post("/v1/images/generations", form, "K")},
          {"/v1/audio", post("/v1/audio/speech", form, "K")},
          {"/v1/rerank", post("/v1/rerank", form, "K")},
          {"/v1/files", get("/v1/files", "K")},
          {"/v1/batches", get("/v1/batches", "K")},
          {"/v1/models", get("/v1/models", "K")},
          {"/v1/facts", get("/v1/facts?model=open:m", "K")},
          {"/v1/aliases", get("/v1/aliases", "K")},
          {"/profiles", get("/profiles", "K")},
          {"/top-models", get("/top-models", "K")},
          {"/", get("/", "K")},
          {"/test-connection", get("/test-connection?provider=open", "K")},
          {"/metrics", get("/metrics", "K")},
          {"/health, all of it", get("/health", "K")},
          {"/health", get("/health", "K")},
          {"/health/ready", get("/health/ready", "K")},
          {"/metrics/*", get("/metrics/snapshot", "K")},
          {"/dashboard", get("/dashboard", "K")},
          {"/api/hello", get("/api/hello", "K")}};
}

class Roles : public ::testing::Test {
 protected:
  Roles()
      : upstream_(FakeUpstream::always(fakes::whole_answer(200, OpenAiAnswer))),
        gateway_(upstream_.port()) {
    gateway_.config.access.named_keys = key_of_each_role();
  }

  Message told(std::string request, std::string_view key) {
    const std::string shown = key.empty() ? "" : "x-api-key: " + std::string(key) + "\r\n";
    const std::size_t at = request.find("\r\nK") + 2;
    request.replace(at, 1, shown);
    auto client = gateway_.client();
    client.send(request);
    return client.read_message();
  }

  ManualClock clock_;  // outlives the gateway that may go by it
  FakeUpstream upstream_;
  RunningGateway gateway_;
};

TEST_F(Roles, GetWhatTheTableGivesThem) {
  gateway_.start();
  const auto all = requests();
  for (const Permission& row : permissions::Table) {
    if (row.port != Port::Proxy) continue;
    const auto request = all.find(row.rule);
    ASSERT_NE(request, all.end()) << row.rule << ": say how it is asked for";
    for (const Role role : AllRoles) {
      const Message answer = told(request->second, word_of(role));
      const std::string what = std::string(row.rule) + " as " + std::string(word_of(role)) + ": " +
                               answer.head + answer.body.substr(0, 200);
      if (row.rule == "/health, all of it") {
        EXPECT_EQ(answer.body.find("providers") != answer.body.npos, row.lets(role)) << what;
      } else if (row.lets(role)) {
        EXPECT_NE(answer.status(), 401) << what;
        EXPECT_NE(answer.status(), 403) << what;
        EXPECT_TRUE(row.open || answer.status() != 404) << what;
      } else {
        EXPECT_EQ(answer.status(), 403) << what;
      }
    }
  }
}

TEST_F(Roles, AreNobodysWithoutAKeyThatCounts) {
  gateway_.start();
  const auto all = requests();
  const auto refused = [&](std::string_view key) {
    for (const Permission& row : permissions::Table) {
      if (row.port != Port::Proxy || row.open || row.rule == "/health, all of it") continue;
      EXPECT_EQ(told(all.at(row.rule), key).status(), 401) << row.rule << " " << key;
    }
  };
  refused("");
  refused(ExpiredKey);
  EXPECT_EQ(told(all.at("/v1/models"), "guess").status(), 401);
  EXPECT_EQ(told(get("/nothing", "K"), "").status(), 401);
  EXPECT_EQ(told(get("/nothing", "K"), "ingest").status(), 403);
  EXPECT_EQ(told(get("/nothing", "K"), "viewer").status(), 404);
  EXPECT_EQ(told(all.at("/v1/models"), "admin").status(), 200)
      << "who has expired locks nobody out";
}

TEST_F(Roles, LeaveAKeyItsTimeOnOneConnectionToo) {
  gateway_.clock = &clock_;
  auto& keys = gateway_.config.access.named_keys;
  keys = {access_key("old", Secret("before"), Role::Client),
          access_key("new", Secret("after"), Role::Client)};
  keys[0].expires = clock_.wall() + 1h;
  gateway_.start();
  const auto ask = [](std::string_view key) {
    return post("/v1/messages", AnthropicRequest, "x-api-key: " + std::string(key) + "\r\n");
  };
  auto client = gateway_.client();
  for (int i = 0; i < 3; ++i) {
    client.send(ask("before"));
    EXPECT_EQ(client.read_message().status(), 200) << "both open";
    auto other = gateway_.client();
    other.send(ask("after"));
    EXPECT_EQ(other.read_message().status(), 200);
  }
  clock_.advance(1h);

  client.send(ask("before"));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 401);
  EXPECT_NE(answer.body.find("time of this key is over"), std::string::npos) << answer.body;
}

TEST_F(Roles, AreReadAgainAtAReload) {
  gateway_.start();
  auto client = gateway_.client();
  const std::string ask = get("/v1/aliases", "x-api-key: viewer\r\n");
  for (int i = 0; i < 2; ++i) {
    client.send(ask);
    EXPECT_EQ(client.read_message().status(), 200);
  }
  Config next = gateway_.config;
  std::erase_if(next.access.named_keys, [](const AccessKey& key) { return key.name == "viewer"; });
  gateway_.gateway().renew(next);

  EXPECT_EQ(told(get("/v1/aliases", "K"), "viewer").status(), 401);
  client.send(ask);
  EXPECT_EQ(client.read_message().status(), 401) << "a connection that is open, too";
}

TEST_F(Roles, KeepEachKeyOfOursFromTheProvider) {
  std::string seen;
  FakeUpstream upstream([&seen](fakes::Peer& peer, int) {
    seen = peer.read_message().head;
    peer.send(fakes::whole_answer(200, AnthropicAnswer));
  });
  gateway_.config.providers = {provider_at("anth", Dialect::Anthropic, upstream.port())};
  gateway_.start();
  auto client = gateway_.client();

  client.send(post("/v1/messages", AnthropicRequest,
                   "x-api-key: client\r\nauthorization: Bearer admin\r\n"));

  EXPECT_EQ(client.read_message().status(), 200);
  EXPECT_EQ(seen.find("Bearer admin"), std::string::npos) << seen;
  EXPECT_EQ(seen.find(": client"), std::string::npos) << seen;
}

}  // namespace
}  // namespace vdm::proxy::roles_test
