#include "proxy-service/catalog/kept_lists.h"

#include <array>
#include <atomic>

#include <sys/socket.h>

#include <gtest/gtest.h>

#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::kept_lists_test {
namespace {

using fakes::FakeUpstream;
using fakes::Peer;
using fakes::whole_answer;

constexpr std::string_view List = R"({"object":"list","data":[{"id":"m","object":"model"}]})";

/// A worker on the test's own thread, with one provider and clients that only wait.
class KeptListsTest : public ::testing::Test {
 protected:
  struct Client {
    explicit Client(Worker& worker) {
      std::array<int, 2> ends{};
      EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
      other_end = Descriptor(ends[1]);
      connection.emplace(worker, Descriptor(ends[0]));
    }
    Descriptor other_end;
    std::optional<ClientConnection> connection;
    std::optional<Result<KeptLists::Listed>> got;
  };

  explicit KeptListsTest(AuthMode auth = AuthMode::Key)
      : upstream_([this](Peer& peer, int) {
          while (peer.read_message().complete) {
            ++asked_;
            peer.send(whole_answer(200, List));
          }
        }),
        worker_(thread_, std::make_shared<ConfigSnapshot>(config(auth), state_), 0),
        lists_(1, "", {.thread = disk_, .post = {}}) {}

  /// Begins to ask, for a client of its own.
  std::unique_ptr<Client> ask(KeptLists::Ask how = KeptLists::Ask::WhenOld) {
    auto client = std::make_unique<Client>(worker_);
    run_detached(get(*client, how), [](std::exception_ptr fault) { EXPECT_EQ(fault, nullptr); });
    return client;
  }
  const KeptLists::Listed& answer(const Client& client) {
    constexpr int RoundsMax = 1000;
    for (int i = 0; i < RoundsMax && !client.got; ++i) {
      thread_.reactor.wait(std::chrono::milliseconds(10));
    }
    return client.got.value().value();
  }
  int asked() const { return asked_; }

  KeptLists& lists() { return lists_; }

 private:
  Config config(AuthMode auth) const {
    Config config;
    config.threads = 1;
    config.providers = {provider_at("open", Dialect::OpenAi, upstream_.port())};
    config.providers[0].auth = auth;
    return config;
  }
  Task<void> get(Client& client, KeptLists::Ask how) {
    client.got = co_await lists_.get(*client.connection, 0, caller_, how);
  }

  std::atomic<int> asked_{0};
  FakeUpstream upstream_;
  const SystemClock clock_;
  const TlsContext tls_ = std::move(*TlsContext::make());
  fakes::RecordingSink sink_;
  ServerState state_{.tls = tls_,
                     .clock = clock_,
                     .names = NameResolver(clock_),
                     .sink = sink_,
                     .instance_id = "00112233445566778899aabbccddeeff",
                     .started_at = {},
                     .metrics_state = {},
                     .bodies = BodyBudget(1 << 20)};
  const ClientCredential own_{.api_key = Secret("clients-own")};
  const Caller caller_{own_, Dialect::OpenAi};
  DiskThread disk_;
  WorkerResources thread_{.resolver = state_.names, .clock = state_.clock};
  Worker worker_;
  KeptLists lists_;
};

class ListsOfAClientsOwn : public KeptListsTest {
 protected:
  ListsOfAClientsOwn() : KeptListsTest(AuthMode::ClientKey) {}
};

TEST_F(KeptListsTest, GiveEverybodyTheSameCopy) {
  const auto first = ask();
  const auto at_the_same_time = ask();
  const SharedModels copy = answer(*first).copy;

  const auto later = ask();

  EXPECT_EQ(copy->body, List);
  EXPECT_EQ(answer(*at_the_same_time).copy, copy);
  EXPECT_EQ(answer(*later).copy, copy);
  EXPECT_EQ(asked(), 1);
}

TEST_F(KeptListsTest, AreWrittenOnceForAllInAFormat) {
  const auto client = ask();
  const KeptLists::Listed listed = answer(*client);

  const SharedText text = *lists().text(0, listed, ModelFormat::Anthropic);

  EXPECT_EQ(*lists().text(0, listed, ModelFormat::Anthropic), text);
  EXPECT_NE(*lists().text(0, listed, ModelFormat::OpenAi), text);
  EXPECT_EQ(**lists().text(0, listed, ModelFormat::OpenAi), List);
}

TEST_F(KeptListsTest, AreWrittenAnewWhenTheyAre) {
  const auto client = ask();
  const SharedText old = *lists().text(0, answer(*client), ModelFormat::Raw);

  const auto anew = ask(KeptLists::Ask::Always);

  EXPECT_NE(answer(*anew).copy, answer(*client).copy);
  EXPECT_NE(*lists().text(0, answer(*anew), ModelFormat::Raw), old);
}

TEST_F(KeptListsTest, WithAMarkAreWrittenForTheMoment) {
  const auto client = ask();
  const KeptLists::Listed stale{answer(*client).copy, true};

  const SharedText marked = *lists().text(0, stale, ModelFormat::OpenAi);

  EXPECT_NE(marked->find("\"stale\":true"), std::string::npos);
  EXPECT_EQ(**lists().text(0, answer(*client), ModelFormat::OpenAi), List);
}

TEST_F(ListsOfAClientsOwn, AreNobodyElsesAtAnyTime) {
  const auto one = ask();
  const auto other = ask();
  const SharedModels copy = answer(*one).copy;

  EXPECT_NE(answer(*other).copy, copy);
  EXPECT_NE(*lists().text(0, answer(*one), ModelFormat::Raw),
            *lists().text(0, answer(*one), ModelFormat::Raw));
  EXPECT_EQ(asked(), 2);
}

}  // namespace
}  // namespace vdm::proxy::kept_lists_test
