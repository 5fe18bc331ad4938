#include <future>
#include <map>
#include <set>

#include "tests/proxy-service/forward/forwarding.h"

// Which key a request gets, what follows a failed attempt, and how a request is given up.

namespace vdm::proxy::forward_attempts_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::Step;
using fakes::SteppedUpstream;
using fakes::whole_answer;
using std::chrono::milliseconds;

std::string error(int status) {
  return whole_answer(status, R"({"error":{"message":"no","type":"t"}})");
}
std::string large_form() { return form(std::string(3 * MiB, 'x')); }

/// A provider with accounts: each key finds what was stored by it alone.
FakeUpstream::Script accounts(std::string owner, std::vector<std::string>* shown,
                              std::mutex* mutex) {
  return [=](Peer& peer, int) {
    for (;;) {
      const Message request = peer.read_message();
      if (!request.complete) return;
      const std::string key = request.field("authorization").value_or("");
      {
        const std::lock_guard lock(*mutex);
        shown->push_back(key);
      }
      peer.send(key == "Bearer " + owner ? whole_answer(200, R"({"id":"f"})") : error(404));
    }
  };
}

TEST_F(Forwarding, GivesOneClientOneKeyOnEveryThreadWhateverTheAffinity) {
  SteppedUpstream upstream({{whole_answer(200, "{}")}});
  in_front_of(upstream.port());
  with_keys({"key-one", "key-two", "key-three"});
  for (Provider& provider : gateway_->config.providers) provider.key_affinity = Affinity::None;
  gateway_->config.threads = 3;
  gateway_->start();

  for (int round = 0; round < 4; ++round) {
    for (int client = 0; client < 12; ++client) {
      const std::string key = "authorization: Bearer c" + std::to_string(client) + "\r\n";
      told(request_of(
          "POST", "/v1/files",
          key + "user-agent: c" + std::to_string(client) + "\r\n" + std::string(FormType),
          form("round " + std::to_string(round))));
      told(get("/v1/files", key + "user-agent: c" + std::to_string(client) + "\r\n"));
    }
  }

  std::map<std::string, std::set<std::string>> keys;
  std::set<std::string> used;
  for (const Message& asked : upstream.asked()) {
    keys[asked.field("user-agent").value_or("")].insert(asked.field("authorization").value_or(""));
  }
  ASSERT_EQ(keys.size(), 12u);
  for (const auto& [client, shown] : keys) {
    EXPECT_EQ(shown.size(), 1u) << client;
    used.insert(shown.begin(), shown.end());
  }
  EXPECT_EQ(used.size(), 3u);
}

TEST_F(Forwarding, AsksTheOtherKeysForWhatOneHasNotStored) {
  for (const std::string owner : {"key-one", "key-two", "key-three"}) {
    std::vector<std::string> shown;
    std::mutex mutex;
    FakeUpstream upstream(accounts(owner, &shown, &mutex));
    in_front_of(upstream.port());
    with_keys({"key-one", "key-two", "key-three"}).start();

    const Message answer = told(get("/v1/files/f/content"));

    EXPECT_EQ(answer.status(), 200) << owner;
    EXPECT_EQ(shown.back(), "Bearer " + owner);
    EXPECT_EQ(std::set<std::string>(shown.begin(), shown.end()).size(), shown.size());
    const Ended ended = this->ended();
    EXPECT_EQ(ended.attempts.size(), shown.size());
    EXPECT_EQ(ended.outcome, Outcome::Ok);
    gateway_.reset();
  }
}

TEST_F(Forwarding, Passes404OnWhenNoKeyHasStoredItAndWhenItIsNoRead) {
  std::vector<std::string> shown;
  std::mutex mutex;
  FakeUpstream upstream(accounts("nobody", &shown, &mutex));
  in_front_of(upstream.port());
  with_keys({"key-one", "key-two", "key-three"}).start();

  EXPECT_EQ(told(get("/v1/batches/b")).status(), 404);
  EXPECT_EQ(shown.size(), 3u);
  EXPECT_EQ(told(request_of("DELETE", "/v1/files/f")).status(), 404);
  EXPECT_EQ(shown.size(), 4u) << "only reads are asked again";
  EXPECT_EQ(told(request_of("POST", "/v1/batches/b/cancel", "", "{}")).status(), 404);
  EXPECT_EQ(shown.size(), 5u);
  EXPECT_EQ(told(get("/v1/files")).status(), 404);
  EXPECT_EQ(shown.size(), 6u) << "no id is in it";
}

TEST_F(Forwarding, TriesAgainAndWithAnotherKeyBeforeTheFirstByte) {
  SteppedUpstream upstream({{error(503)}, {error(429)}, {whole_answer(200, Embedded)}});
  in_front_of(upstream.port());
  with_keys({"key-one", "key-two", "key-three"});
  with_retries(2).start();

  const Message answer = told(post("/v1/embeddings", R"({"model":"open:e"})"));

  EXPECT_EQ(answer.status(), 200);
  ASSERT_EQ(upstream.asked().size(), 3u);
  for (const Message& asked : upstream.asked()) EXPECT_EQ(asked.body, R"({"model":"e"})");
  const Ended ended = this->ended();
  ASSERT_EQ(ended.attempts.size(), 3u);
  EXPECT_EQ(ended.attempts[0].http_status, 503u);
  EXPECT_EQ(ended.attempts[1].error_type, "http_429");
}

TEST_F(Forwarding, GoesOnToTheFallbackWithItsModel) {
  SteppedUpstream upstream({{error(500)}, {whole_answer(200, Embedded)}});
  in_front_of(upstream.port());
  gateway_->config.providers.push_back(provider_at("more", Dialect::OpenAi, upstream.port()));
  gateway_->config.aliases.aliases.push_back(
      {.key = "aliases.e", .name = "e", .targets = {{"open:one"}}, .fallback = {"more:two"}});
  gateway_->start();

  const Message answer = told(post("/v1/embeddings", R"({"model":"e","input":1})"));

  EXPECT_EQ(answer.field("x-vandamme-provider"), "more");
  EXPECT_EQ(answer.field("x-vandamme-model"), "two");
  ASSERT_EQ(upstream.asked().size(), 2u);
  EXPECT_EQ(upstream.asked()[0].body, R"({"model":"one","input":1})");
  EXPECT_EQ(upstream.asked()[1].body, R"({"model":"two","input":1})");
  EXPECT_EQ(ended().facts->provider, "more");
}

TEST_F(Forwarding, SendsABodyThatIsNotKeptOnce) {
  std::atomic<int> asked{0};
  FakeUpstream upstream([&asked](Peer& peer, int) {
    peer.read_message();
    ++asked;
    peer.send(error(503));
    peer.sees_close_within(10'000);
  });
  in_front_of(upstream.port());
  with_retries(2).start();

  const Message answer = told(request_of("POST", "/v1/files", FormType, large_form()));

  EXPECT_EQ(answer.status(), 503);
  EXPECT_EQ(asked.load(), 1);
}

TEST_F(Forwarding, StillGoesOnToTheFallbackWhileNothingOfALargeBodyIsSent) {
  SteppedUpstream upstream({{whole_answer(200, "{}")}});
  in_front_of(upstream.port());
  Provider dead = provider_at("dead", Dialect::OpenAi, 1);
  gateway_->config.providers.push_back(dead);
  gateway_->config.aliases.aliases.push_back(
      {.key = "aliases.w", .name = "w", .targets = {{"dead:one"}}, .fallback = {"open:two"}});
  gateway_->start();
  const std::string body = model_part("w") + large_form();

  const Message answer = told(request_of("POST", "/v1/audio/transcriptions", FormType, body));

  EXPECT_EQ(answer.status(), 200);
  EXPECT_TRUE(upstream.asked().at(0).body == model_part("two") + large_form());
}

TEST_F(Forwarding, TakesANewConnectionWhenThePooledOneHasClosed) {
  FakeUpstream upstream([](Peer& peer, int) {
    peer.read_message();
    peer.send(whole_answer(200, "{}"));
    peer.close();
  });
  in_front_of(upstream.port()).on_one_thread().start();

  EXPECT_EQ(told(get("/v1/files/f")).status(), 200);
  EXPECT_EQ(told(get("/v1/files/f")).status(), 200);
  EXPECT_EQ(told(request_of("POST", "/v1/files", FormType, large_form())).status(), 200);
}

TEST_F(Forwarding, TriesAgainWhenTheAnswerBreaksOffBeforeItsFirstByte) {
  SteppedUpstream upstream({{"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", Step::Then::Close},
                            {whole_answer(200, Embedded)}});
  in_front_of(upstream.port());
  with_retries(1).start();

  EXPECT_EQ(told(post("/v1/embeddings", R"({"model":"open:e"})")).body, Embedded);
}

TEST_F(Forwarding, ShowsTheClientThatAnAnswerWasCutAndCountsItAgainstTheProvider) {
  SteppedUpstream upstream(
      {{"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf", Step::Then::Close}});
  in_front_of(upstream.port()).on_one_thread().config.breaker.calls_min = 2;
  gateway_->start();

  for (int i = 0; i < 2; ++i) {
    const Message answer = told(get("/v1/files/f/content"));
    EXPECT_EQ(answer.status(), 200);
    EXPECT_FALSE(answer.complete);
  }
  const auto all = gateway_->sink.wait_for<Ended>(2);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].outcome, Outcome::UpstreamError);
  EXPECT_EQ(all[0].http_status, 200u);
  const Message refused = told(get("/v1/files/f/content"));
  EXPECT_EQ(refused.status(), 503);
  EXPECT_NE(refused.body.find("it fails most requests"), std::string::npos);
  EXPECT_TRUE(refused.field("retry-after"));
}

TEST_F(Forwarding, EndsWithTheDeadlineForTheFirstByte) {
  FakeUpstream upstream([](Peer& peer, int) { peer.sees_close_within(10'000); });
  in_front_of(upstream.port());
  for (Provider& provider : gateway_->config.providers) {
    provider.timeouts.first_byte = milliseconds(200);
  }
  gateway_->start();

  EXPECT_EQ(told(get("/v1/batches/b")).status(), 504);
  EXPECT_EQ(ended().outcome, Outcome::Timeout);
}

TEST_F(Forwarding, IsCancelledByTheOperatorWhileItsBodyIsSentOn) {
  std::promise<void> closed;
  FakeUpstream upstream([&closed](Peer& peer, int) {
    peer.read_message(true);
    if (peer.sees_close_within(10'000)) closed.set_value();
  });
  in_front_of(upstream.port()).start();
  auto client = gateway_->client();
  const std::string request = request_of("POST", "/v1/files", FormType, large_form());
  client.send(std::string_view(request).substr(0, 2 * MiB));
  const auto started = gateway_->sink.wait_for<Started>(1);
  ASSERT_EQ(started.size(), 1u);

  gateway_->gateway().cancel(started[0].facts->request_id);

  EXPECT_GE(client.read_message().status(), 500);
  EXPECT_EQ(closed.get_future().wait_for(milliseconds(5000)), std::future_status::ready);
  EXPECT_EQ(ended().outcome, Outcome::CancelledByOperator);
}

TEST_F(Forwarding, ClosesTheProviderWhenTheClientLeavesWhileItsBodyIsSentOn) {
  std::promise<void> closed;
  FakeUpstream upstream([&closed](Peer& peer, int) {
    peer.read_message(true);
    if (peer.sees_close_within(10'000)) closed.set_value();
  });
  in_front_of(upstream.port()).start();
  auto client = gateway_->client();
  const std::string request = request_of("POST", "/v1/files", FormType, large_form());
  client.send(std::string_view(request).substr(0, 2 * MiB));
  gateway_->sink.wait_for<Started>(1);

  client.close();

  EXPECT_EQ(closed.get_future().wait_for(milliseconds(5000)), std::future_status::ready);
  const Ended ended = this->ended();
  EXPECT_EQ(ended.outcome, Outcome::ClientCancelled);
  EXPECT_EQ(ended.http_status, 499u);
}

TEST_F(Forwarding, ClosesTheProviderWhenTheClientLeavesInFrontOfAnAnswer) {
  std::promise<void> closed;
  FakeUpstream upstream([&closed](Peer& peer, int) {
    peer.read_message();
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf");
    if (peer.sees_close_within(10'000)) closed.set_value();
  });
  in_front_of(upstream.port()).start();
  auto client = gateway_->client();
  client.send(get("/v1/files/f/content"));
  client.read_some();

  client.close();

  EXPECT_EQ(closed.get_future().wait_for(milliseconds(5000)), std::future_status::ready);
  EXPECT_EQ(ended().outcome, Outcome::ClientCancelled);
}

}  // namespace
}  // namespace vdm::proxy::forward_attempts_test
