#include <future>

#include "tests/proxy-service/serve/gateway_in_front.h"

namespace vdm::proxy::pause_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::SteppedUpstream;
using std::chrono::seconds;

/// Before the same way is tried again.
class Pause : public GatewayInFront {
 protected:
  /// The client of a request that waits to be sent again.
  Peer waiting_client(std::uint16_t port) {
    in_front_of(port);
    with_retries(1).start();
    Peer client = gateway_->client();
    client.send(ask(Same));
    return client;
  }
};

TEST_F(Pause, EndsAtOnceWhenTheClientLeaves) {
  std::promise<void> let_go;
  FakeUpstream upstream([&let_go](Peer& peer, int) {
    peer.read_message();
    peer.send(refused(503, "retry-after: 9\r\nconnection: close\r\n"));
    if (peer.sees_close_within(5'000)) let_go.set_value();
  });
  Peer client = waiting_client(upstream.port());
  EXPECT_EQ(let_go.get_future().wait_for(seconds(2)), std::future_status::ready);

  const auto left_at = std::chrono::steady_clock::now();
  client.close();
  const Ended end = ended();

  EXPECT_LT(std::chrono::steady_clock::now() - left_at, seconds(1));
  EXPECT_EQ(end.outcome, Outcome::ClientCancelled);
  EXPECT_EQ(end.http_status, 499u);
  ASSERT_EQ(end.attempts.size(), 1u);
  EXPECT_EQ(end.attempts[0].error_type, "http_503");
  EXPECT_EQ(upstream.connections(), 1);
}

TEST_F(Pause, IsWaitedForWhileDraining) {
  SteppedUpstream upstream({{refused(503, "retry-after: 0.5\r\n")}, well(Dialect::Anthropic)});
  Peer client = waiting_client(upstream.port());
  gateway_->sink.wait_for<Started>(1);

  gateway_->gateway().drain();
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.field("connection"), "close");
}

TEST_F(Pause, EndsWithTheProcess) {
  SteppedUpstream upstream({{refused(503, "retry-after: 9\r\n")}});
  Peer client = waiting_client(upstream.port());
  gateway_->sink.wait_for<Started>(1);

  gateway_->gateway().drain();
  gateway_->gateway().end_all();
  const Message answer = client.read_message();

  EXPECT_EQ(answer.status(), 503);
  EXPECT_EQ(error_type_in(Dialect::Anthropic, answer.body), "overloaded_error");
  EXPECT_EQ(ended().outcome, Outcome::GatewayShutdown);
}

}  // namespace
}  // namespace vdm::proxy::pause_test
