#include <gmock/gmock.h>

#include "tests/proxy-service/serve/gateway_in_front.h"

// A name that states a provider which is not configured: no other vendor is asked, unless it is the
// name of a model of the one that serves bare names.

namespace vdm::proxy::absent_provider_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;
using ::testing::HasSubstr;
using ::testing::Not;

/// Lists mistral:7b, answers for whatever it is asked, and knows no model "nothing".
class OwnServer {
 public:
  explicit OwnServer(Dialect dialect)
      : dialect_(dialect), upstream_([this](Peer& peer, int) { serve(peer); }) {}

  std::uint16_t port() const { return upstream_.port(); }
  std::vector<std::string> models() const {
    const std::lock_guard lock(mutex_);
    return models_;
  }
  int lists() const { return lists_; }

 private:
  void serve(Peer& peer) {
    for (;;) {
      const Message asked = peer.read_message();
      if (!asked.complete) return;
      if (asked.first_line().starts_with("GET")) {
        ++lists_;
        peer.send(whole_answer(200, R"({"data":[{"id":"mistral:7b"},{"id":"qwen:1b"}]})"));
        continue;
      }
      const auto at = asked.body.find(R"("model":")") + 9;
      const std::string model = asked.body.substr(at, asked.body.find('"', at) - at);
      {
        const std::lock_guard lock(mutex_);
        models_.push_back(model);
      }
      const bool known = model.find("nothing") == std::string::npos;
      peer.send(known ? good(dialect_, Shape::Whole)
                      : whole_answer(404, error_said(dialect_, "not_found_error", "no such model"),
                                     "application/json", "x-request-id: theirs\r\n"));
    }
  }

  const Dialect dialect_;
  mutable std::mutex mutex_;
  std::vector<std::string> models_;
  std::atomic<int> lists_{0};
  FakeUpstream upstream_;  // its threads end before what they use
};

class AbsentProvider : public ::testing::Test {
 protected:
  RunningGateway& in_front_of(const OwnServer& server, Dialect dialect) {
    gateway_.config.providers = {provider_at("local", dialect, server.port())};
    gateway_.config.default_provider = "local";
    return gateway_.on_one_thread();
  }
  Message told(const std::string& request) {
    auto client = gateway_.client();
    client.send(request);
    return client.read_message();
  }
  Message told(const Pair& pair, std::string_view model) { return told(ask(pair, model)); }

  RunningGateway gateway_;
};

TEST_F(AbsentProvider, IsA404OfTheClientsDialectAndNobodyIsAsked) {
  OwnServer server(Dialect::OpenAi);
  in_front_of(server, Dialect::OpenAi).start();

  for (const Pair& pair : all_pairs()) {
    if (pair.upstream != Dialect::OpenAi) continue;
    const Message answer = told(pair, "openai:gpt-4");

    EXPECT_EQ(answer.status(), 404);
    EXPECT_NE(error_type_in(pair.client, answer.body), "");
    EXPECT_THAT(answer.body, HasSubstr("provider openai has no key: set OPENAI_API_KEY"));
    EXPECT_THAT(answer.body, HasSubstr("!openai:gpt-4"));
  }
  EXPECT_THAT(server.models(), ::testing::IsEmpty());
  EXPECT_EQ(gateway_.sink.wait_for<Ended>(4).at(0).outcome, Outcome::Rejected);
}

TEST_F(AbsentProvider, IsAModelIfTheOneThatServesBareNamesListsExactlyThat) {
  OwnServer server(Dialect::OpenAi);
  in_front_of(server, Dialect::OpenAi).start();

  for (const Pair& pair : all_pairs()) {
    if (pair.upstream != Dialect::OpenAi || pair.streams()) continue;
    EXPECT_EQ(told(pair, "mistral:7b").status(), 200);
    EXPECT_EQ(told(pair, "mistral:8b").status(), 404);
    EXPECT_EQ(told(pair, "!mistral:8b").status(), 200);
  }

  EXPECT_THAT(server.models(),
              ::testing::ElementsAre("mistral:7b", "mistral:8b", "mistral:7b", "mistral:8b"));
  EXPECT_EQ(server.lists(), 1);
}

TEST_F(AbsentProvider, IsTheSameForCountsAndForSingleModels) {
  OwnServer server(Dialect::OpenAi);
  in_front_of(server, Dialect::OpenAi).start();
  const auto count = [this](std::string_view model) {
    std::string body = R"({"model":")";
    body.append(model).append(R"(","messages":[]})");
    return told(post("/v1/messages/count_tokens", body)).status();
  };

  EXPECT_EQ(count("mistral:7b"), 200);
  EXPECT_EQ(count("mistral:8b"), 404);
  EXPECT_EQ(told(get("/v1/models/mistral:7b")).status(), 200);
  EXPECT_EQ(told(get("/v1/models/openai:gpt-4")).status(), 404);
}

TEST_F(AbsentProvider, IsA404TooWhenAReloadRemovedIt) {
  OwnServer server(Dialect::OpenAi);
  Config with_two = in_front_of(server, Dialect::OpenAi).config;
  Config with_one = with_two;
  with_two.providers.push_back(provider_at("mine", Dialect::OpenAi, server.port()));
  gateway_.config = with_two;
  gateway_.start();
  const Pair pair{Dialect::OpenAi, Dialect::OpenAi, Shape::Whole};
  EXPECT_EQ(told(pair, "mine:m").status(), 200);

  gateway_.gateway().renew(with_one);
  gateway_.gateway().renew(with_one);
  told(get("/health/ready"));
  const Message answer = told(pair, "mine:m");
  EXPECT_EQ(answer.status(), 404);
  EXPECT_THAT(answer.body, HasSubstr("provider mine has no key: set MINE_API_KEY"));
  gateway_.gateway().renew(with_two);
  told(get("/health/ready"));

  EXPECT_EQ(told(pair, "mine:m").status(), 200);
}

TEST_F(AbsentProvider, ThatIsMisspeltIsAModelsNameAndOnlyIts404Suggests) {
  for (const Pair& pair : all_pairs()) {
    if (pair.streams()) continue;
    SCOPED_TRACE(name_of(pair));
    OwnServer server(pair.upstream);
    RunningGateway gateway;
    gateway.config.providers = {provider_at("local", pair.upstream, server.port())};
    gateway.on_one_thread().start();
    const auto told_of = [&](std::string_view model) {
      auto client = gateway.client();
      client.send(ask(pair, model));
      return client.read_message();
    };

    EXPECT_EQ(told_of("opnai:gpt-4").status(), 200);
    const Message missed = told_of("opnai:nothing");
    const Message plain = told_of("nothing");

    EXPECT_EQ(missed.status(), 404);
    EXPECT_NE(error_type_in(pair.client, missed.body), "");
    EXPECT_THAT(missed.body, HasSubstr("no such model; did you mean openai:nothing?"));
    EXPECT_EQ(missed.field("x-upstream-request-id"), "theirs");
    EXPECT_EQ(plain.status(), 404);
    EXPECT_THAT(plain.body, Not(HasSubstr("did you mean")));
    EXPECT_THAT(server.models(), ::testing::ElementsAre("opnai:gpt-4", "opnai:nothing", "nothing"));
    const Ended ended = gateway.sink.wait_for<Ended>(3).at(1);
    EXPECT_EQ(ended.outcome, Outcome::UpstreamError);
    EXPECT_EQ(ended.http_status, 404u);
  }
}

}  // namespace
}  // namespace vdm::proxy::absent_provider_test
