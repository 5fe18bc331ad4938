#include <atomic>
#include <future>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::renew_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;
using ::testing::HasSubstr;

/// Another configuration for a gateway that runs.
class Renewing : public ::testing::Test {
 protected:
  Renewing() : upstream_(FakeUpstream::always(whole_answer(200, AnthropicAnswer), &asked_)) {}

  RunningGateway& start(std::uint16_t port) {
    gateway_.config.providers = {provider_at("anth", Dialect::Anthropic, port)};
    return gateway_.on_one_thread().start();
  }
  /// Every thread has taken it when this returns.
  void renew(Config config) {
    gateway_.gateway().renew(std::move(config));
    auto client = gateway_.client();
    client.send(get("/health/ready"));
    client.read_message();
  }
  Config with_key(std::string_view key) {
    Config config = gateway_.config;
    config.providers[0].keys = {Secret(std::string(key))};
    return config;
  }

  std::vector<Message> asked_;
  std::atomic<int> refused_{0};
  FakeUpstream upstream_;
  RunningGateway gateway_;
};

TEST_F(Renewing, ConcernsTheNextRequestOfAConnectionThatIsOpen) {
  auto client = start(upstream_.port()).client();
  for (int i = 0; i < 3; ++i) {
    client.send(post("/v1/messages", AnthropicRequest));
    EXPECT_EQ(client.read_message().status(), 200);
  }

  renew(with_key("sk-another-key"));
  client.send(post("/v1/messages", AnthropicRequest));
  EXPECT_EQ(client.read_message().status(), 200);
  client.send(post("/v1/messages", AnthropicRequest));
  EXPECT_EQ(client.read_message().status(), 200);

  ASSERT_EQ(asked_.size(), 5u);
  EXPECT_EQ(asked_[2].field("x-api-key"), "sk-provider-key-0123456789");
  EXPECT_EQ(asked_[3].field("x-api-key"), "sk-another-key");
  EXPECT_EQ(asked_[4].field("x-api-key"), "sk-another-key");
  EXPECT_EQ(upstream_.connections(), 2) << "the old lane keeps no connection";
}

TEST_F(Renewing, LeavesTheRequestInHandWhatItBeganWith) {
  std::promise<void> asked;
  std::promise<void> go_on;
  FakeUpstream slow([&](Peer& peer, int) {
    if (!peer.read_message().complete) return;
    asked.set_value();
    go_on.get_future().wait();
    peer.send(whole_answer(200, AnthropicAnswer));
    peer.read_message();
  });
  auto busy = start(slow.port()).client();
  busy.send(post("/v1/messages", AnthropicRequest));
  asked.get_future().wait();
  Config other = gateway_.config;
  other.providers = {provider_at("new", Dialect::Anthropic, upstream_.port())};

  renew(other);
  go_on.set_value();

  EXPECT_EQ(busy.read_message().body, AnthropicAnswer);
  const auto ended = gateway_.sink.wait_for<Ended>(1);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].facts->provider, "anth");
  // Its connection now goes by the new one, which has no such provider.
  busy.send(post("/v1/messages", R"({"model":"new:m","max_tokens":1,"messages":[]})"));
  EXPECT_EQ(busy.read_message().status(), 200);
  ASSERT_EQ(asked_.size(), 1u);
  EXPECT_THAT(asked_[0].body, HasSubstr(R"("model":"m")"));
}

TEST_F(Renewing, ChangesWhoGetsIn) {
  auto client = start(upstream_.port()).client();
  client.send(post("/v1/messages", AnthropicRequest, "x-api-key: mine\r\n"));
  EXPECT_EQ(client.read_message().status(), 200);
  Config guarded = gateway_.config;
  guarded.access.proxy_api_key = Secret("open-sesame");

  renew(guarded);
  client.send(post("/v1/messages", AnthropicRequest, "x-api-key: mine\r\n"));

  EXPECT_EQ(client.read_message().status(), 401);
}

TEST_F(Renewing, HoldsTheNewLimitsOfAHeadThatItKnewBefore) {
  auto client = start(upstream_.port()).client();
  const std::string request = get("/health", "x: " + std::string(2000, 'x') + "\r\n");
  for (int i = 0; i < 3; ++i) {
    client.send(request);
    EXPECT_EQ(client.read_message().status(), 200);
  }
  Config strict = gateway_.config;
  strict.limits.header_bytes_max = 1 * KiB;

  renew(strict);
  client.send(request);
  // This one tells the session of its new configuration.
  EXPECT_EQ(client.read_message().status(), 200);
  client.send(request);

  EXPECT_EQ(client.read_message().status(), 431);
}

TEST_F(Renewing, NeverGivesANumberTwice) {
  auto client = start(upstream_.port()).client();
  std::set<std::string> ids;

  for (int i = 0; i < 6; ++i) {
    if (i % 2 == 1) renew(with_key("sk-" + std::to_string(i)));
    client.send(post("/v1/messages", AnthropicRequest));
    ids.insert(client.read_message().field("x-request-id").value_or(""));
  }

  EXPECT_EQ(ids.size(), 6u);
}

TEST_F(Renewing, DoesNotHideARequestFromWhoWantsToEndIt) {
  std::promise<void> asked;
  FakeUpstream silent([&](Peer& peer, int) {
    peer.read_message();
    asked.set_value();
    peer.sees_close_within(10'000);
  });
  auto client = start(silent.port()).client();
  client.send(post("/v1/messages", AnthropicRequest));
  asked.get_future().wait();
  renew(with_key("sk-another-key"));
  const auto started = gateway_.sink.wait_for<Started>(1);
  ASSERT_EQ(started.size(), 1u);

  gateway_.gateway().cancel(started[0].facts->request_id);

  EXPECT_GE(client.read_message().status(), 500);
  const auto ended = gateway_.sink.wait_for<Ended>(1);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::CancelledByOperator);
}

TEST_F(Renewing, LeavesABreakerAsItIs) {
  FakeUpstream failing(FakeUpstream::always(whole_answer(500, "{}"), &asked_));
  gateway_.config.breaker = {.calls_min = 3, .open = std::chrono::minutes(5)};
  gateway_.config.breaker.open_max = gateway_.config.breaker.open;
  auto client = start(failing.port()).client();
  const auto status = [&client] {
    client.send(post("/v1/messages", AnthropicRequest));
    return client.read_message().status();
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(), 500);
  ASSERT_EQ(status(), 503);
  Config changed = gateway_.config;
  changed.providers[0].retries_max = 1;

  renew(changed);
  EXPECT_EQ(status(), 503);
  renew(with_key("sk-another-key"));
  EXPECT_EQ(status(), 500) << "what one account met is not another's";
}

TEST_F(Renewing, LeavesAKeyItsCooldownOnEveryThread) {
  FakeUpstream refusing([this](Peer& peer, int) {
    for (;;) {
      const Message asked = peer.read_message();
      if (!asked.complete) return;
      const bool refused = asked.field("x-api-key") == "limited";
      peer.send(refused ? whole_answer(429, "{}") : whole_answer(200, AnthropicAnswer));
      if (refused) ++refused_;
    }
  });
  gateway_.config.providers = {provider_at("anth", Dialect::Anthropic, refusing.port())};
  gateway_.config.providers[0].keys = {Secret("limited"), Secret("good")};
  gateway_.config.providers[0].key_affinity = Affinity::None;
  gateway_.config.threads = 3;
  gateway_.start();
  const auto ask_on_every_thread = [this] {
    for (int i = 0; i < 9; ++i) {
      auto client = gateway_.client();
      client.send(post("/v1/messages", AnthropicRequest));
      EXPECT_EQ(client.read_message().status(), 200);
    }
  };

  ask_on_every_thread();
  EXPECT_EQ(refused_, 1) << "one thread's refusal is enough";
  Config changed = gateway_.config;
  changed.providers[0].keys.emplace_back("third");
  gateway_.gateway().renew(changed);
  ask_on_every_thread();

  EXPECT_EQ(refused_, 1);
}

TEST_F(Renewing, WhileItDrainsStillComesToAnEnd) {
  auto client = start(upstream_.port()).client();
  client.send(post("/v1/messages", AnthropicRequest));
  client.read_message();

  renew(with_key("sk-another-key"));
  gateway_.gateway().drain();

  EXPECT_TRUE(client.sees_close_within(2000));
}

}  // namespace
}  // namespace vdm::proxy::renew_test
