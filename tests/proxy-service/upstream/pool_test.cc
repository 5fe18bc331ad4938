#include "proxy-service/upstream/pool.h"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fakes/fake_name.h"
#include "tests/fakes/manual_clock.h"
#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::pool_test {
namespace {

using fakes::FakeName;
using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;
using std::chrono::milliseconds;

/// A port whose connections are never completed: nobody accepts and the queue is full.
class BlackHole {
 public:
  BlackHole() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      ::connect(filler, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
  }
  ~BlackHole() {
    for (const int filler : fillers_) ::close(filler);
    ::close(listener_);
  }
  std::uint16_t port() const { return port_; }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  int fillers_[4] = {};
};

TEST(ProviderPool, GivesUpConnectingInTime) {
  const BlackHole provider;
  RunningGateway gateway(provider.port());
  for (Provider& each : gateway.config.providers) each.timeouts.connect = milliseconds(300);
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  const Message answer = client.read_message();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  EXPECT_EQ(answer.status(), 504);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::Timeout);
}

TEST(ProviderPool, StopsConnectingWhenTheClientHasGone) {
  const BlackHole provider;
  RunningGateway gateway(provider.port());
  auto client = gateway.start().client();
  client.send(post("/v1/messages", AnthropicRequest));
  ASSERT_EQ(gateway.sink.wait_for<Started>(1).size(), 1u);

  client.close();
  const auto ended = gateway.sink.wait_for<Ended>(1);

  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::ClientCancelled);
  EXPECT_LT(ended[0].duration, std::chrono::seconds(2));
}

TEST(ProviderPool, SaysWhenANameLeadsNowhere) {
  RunningGateway gateway(1);
  for (Provider& each : gateway.config.providers)
    each.doors.front().base_url.host = "nowhere.invalid";
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 502);
  EXPECT_NE(answer.body.find("address"), std::string::npos);
}

TEST(ProviderPool, ResolvesANameAndTriesItsAddresses) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer)));
  RunningGateway gateway(upstream.port());
  for (Provider& each : gateway.config.providers) each.doors.front().base_url.host = "localhost";
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(client.read_message().status(), 200);
}

TEST(ProviderPool, TriesTheNextAddressWhenOneRefuses) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer)));
  FakeName name("two-addresses.invalid");
  name.lead_to({"127.0.0.77", "127.0.0.1"});
  RunningGateway gateway(upstream.port());
  for (Provider& each : gateway.config.providers) each.doors.front().base_url.host = name.text();
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(client.read_message().status(), 200);
}

TEST(ProviderPool, LooksUpANameOnceForTheThreadsThatWaitForIt) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer)));
  FakeName name("shared.invalid");
  name.lead_to({"127.0.0.1"});
  name.hold();
  RunningGateway gateway(upstream.port());
  for (Provider& each : gateway.config.providers) each.doors.front().base_url.host = name.text();
  gateway.start();
  std::vector<Peer> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(gateway.client());
    clients.back().send(post("/v1/messages", AnthropicRequest));
  }
  ASSERT_EQ(gateway.sink.wait_for<Started>(6).size(), 6u);
  name.wait_until_asked();

  name.let_go();

  for (Peer& client : clients) EXPECT_EQ(client.read_message().status(), 200);
  EXPECT_EQ(name.asked(), 1);
}

TEST(ProviderPool, ServesOthersWhileANameIsLookedUp) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, OpenAiAnswer)));
  FakeName name("slow.invalid");
  name.hold();
  RunningGateway gateway(upstream.port());
  gateway.config.providers[0].doors.front().base_url.host = name.text();
  auto waiting = gateway.on_one_thread().start().client();
  auto client = gateway.client();
  waiting.send(post("/v1/messages", AnthropicRequest));
  name.wait_until_asked();

  client.send(post("/v1/chat/completions", OpenAiRequest));

  EXPECT_EQ(client.read_message().status(), 200);
  EXPECT_EQ(gateway.sink.wait_for<Ended>(1).size(), 1u);  // of the second
}

TEST(ProviderPool, TellsANameThatTakesLongerThanConnectingMayAsDns) {
  FakeName name("slow.invalid");
  name.hold();
  RunningGateway gateway(1);
  for (Provider& each : gateway.config.providers) {
    each.doors.front().base_url.host = name.text();
    each.timeouts.connect = milliseconds(300);
  }
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 502);
  EXPECT_NE(answer.body.find("'slow.invalid': no name server answered in time"), std::string::npos);
  const std::vector<Ended> ended = gateway.sink.wait_for<Ended>(1);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].outcome, Outcome::UpstreamError);
  EXPECT_EQ(ended[0].error_type, "dns");
  for (const Attempt& each : ended[0].attempts) EXPECT_EQ(each.error_type, "dns");
}

TEST(ProviderPool, TellsANameThatLeadsNowhereAsDns) {
  FakeName name("unknown.invalid");
  RunningGateway gateway(1);
  for (Provider& each : gateway.config.providers) each.doors.front().base_url.host = name.text();
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(client.read_message().status(), 502);
  const std::vector<Ended> ended = gateway.sink.wait_for<Ended>(1);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].error_type, "dns");
}

TEST(ProviderPool, ConnectsToTheLastGoodAddressWhenItsNameCannotBeLookedUp) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer)));
  FakeName name("failing.invalid");
  name.lead_to({"127.0.0.1"});
  const auto clock = std::make_shared<ManualClock>();
  RunningGateway gateway(upstream.port());
  for (Provider& each : gateway.config.providers) each.doors.front().base_url.host = name.text();
  gateway.config.limits.upstream_idle_max = 0;
  gateway.clock = clock.get();
  auto client = gateway.on_one_thread().start().client();
  client.send(post("/v1/messages", AnthropicRequest));
  EXPECT_EQ(client.read_message().status(), 200);

  name.lead_to({});
  clock->advance(NameResolver::AnswerKept);
  client.send(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(client.read_message().status(), 200);
  EXPECT_EQ(name.asked(), 2);
  EXPECT_EQ(upstream.connections(), 2);
}

TEST(ProviderPool, KeepsAtMostItsLimitOfIdleConnections) {
  FakeUpstream upstream(FakeUpstream::always(whole_answer(200, AnthropicAnswer)));
  RunningGateway gateway(upstream.port());
  gateway.config.limits.upstream_idle_max = 0;
  auto client = gateway.start().client();

  for (int i = 0; i < 3; ++i) {
    client.send(post("/v1/messages", AnthropicRequest));
    client.read_message();
  }

  EXPECT_EQ(upstream.connections(), 3);
}

TEST(ProviderPool, NeverReusesAConnectionThatSaidMoreThanItsAnswer) {
  FakeUpstream upstream(
      FakeUpstream::always(whole_answer(200, AnthropicAnswer) + "HTTP/1.1 200 OK\r\n"));
  RunningGateway gateway(upstream.port());
  auto client = gateway.on_one_thread().start().client();

  for (int i = 0; i < 2; ++i) {
    client.send(post("/v1/messages", AnthropicRequest));
    EXPECT_EQ(client.read_message().body, AnthropicAnswer);
  }

  EXPECT_EQ(upstream.connections(), 2);
}

TEST(ProviderPool, DropsAnIdleConnectionThatTheProviderCloses) {
  FakeUpstream upstream([](Peer& peer, int) {
    peer.read_message();
    peer.send(whole_answer(200, AnthropicAnswer));
    peer.close();
  });
  RunningGateway gateway(upstream.port());
  auto client = gateway.on_one_thread().start().client();

  for (int i = 0; i < 3; ++i) {
    client.send(post("/v1/messages", AnthropicRequest));
    EXPECT_EQ(client.read_message().status(), 200);
  }

  EXPECT_EQ(upstream.connections(), 3);
}

}  // namespace
}  // namespace vdm::proxy::pool_test
