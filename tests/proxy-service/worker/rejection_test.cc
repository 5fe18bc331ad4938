#include "proxy-service/worker/rejection.h"

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.h"
#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::rejection_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::whole_answer;

constexpr std::string_view Key = "gateway-key";
constexpr std::string_view Shown = "x-api-key: gateway-key\r\nuser-agent: test/1\r\n";

class RejectionTest : public ::testing::Test {
 protected:
  RejectionTest()
      : upstream_(FakeUpstream::always(whole_answer(200, AnthropicAnswer))),
        gateway_(upstream_.port()) {
    gateway_.clock = &clock_;  // it stands still, and the second with it
    gateway_.config.access.proxy_api_key = Secret(std::string(Key));
  }

  Message told(const std::string& request) {
    auto client = gateway_.client();
    client.send(request);
    return client.read_message();
  }
  /// What is recorded of one rejected request, and that it is all that is recorded.
  Ended ended() {
    const auto all = gateway_.sink.wait_for<Ended>(1);
    EXPECT_EQ(all.size(), 1u);
    EXPECT_TRUE(gateway_.sink.all<Started>().empty()) << "its end says all";
    return all.empty() ? Ended{} : all[0];
  }

  ManualClock clock_;  ///< outlives the gateway that goes by it
  FakeUpstream upstream_;
  RunningGateway gateway_;
};

TEST_F(RejectionTest, RecordsAWrongKeyWithoutItsLabel) {
  gateway_.start();

  const Message answer =
      told(post("/v1/messages", AnthropicRequest, "x-api-key: guess\r\nuser-agent: test/1\r\n"));

  EXPECT_EQ(answer.status(), 401);
  const Ended ended = this->ended();
  EXPECT_EQ(ended.outcome, Outcome::Rejected);
  EXPECT_EQ(ended.http_status, 401u);
  EXPECT_EQ(ended.error_type, "unauthorized");
  EXPECT_EQ(ended.error_message, "expected a valid key in x-api-key or Authorization: Bearer");
  EXPECT_EQ(ended.facts->request_id, answer.field("x-request-id"));
  EXPECT_EQ(ended.facts->client_dialect, Dialect::Anthropic);
  EXPECT_EQ(ended.facts->client_label, "") << "it is no key of ours";
  EXPECT_EQ(ended.facts->user_agent, "test/1");
  EXPECT_EQ(kind_of(*ended.facts), "completion");
  EXPECT_EQ(ended.facts->provider, "");
  EXPECT_EQ(ended.facts->credential, Credential::Unspecified);
}

TEST_F(RejectionTest, RecordsAHostThatIsNotOurs) {
  gateway_.start();

  const Message answer = told(
      "POST /v1/chat/completions HTTP/1.1\r\nhost: evil.example\r\n"
      "x-api-key: gateway-key\r\ncontent-length: 2\r\n\r\n{}");

  EXPECT_EQ(answer.status(), 421);
  const Ended ended = this->ended();
  EXPECT_EQ(ended.outcome, Outcome::Rejected);
  EXPECT_EQ(ended.error_type, "misdirected");
  EXPECT_EQ(ended.facts->client_dialect, Dialect::OpenAi);
  EXPECT_NE(ended.facts->client_label, "") << "its key is right";
}

struct RefusedBody {
  std::string_view name;
  std::string request;
  int status;
};

class RefusedBodyTest : public RejectionTest, public ::testing::WithParamInterface<RefusedBody> {};

TEST_P(RefusedBodyTest, IsRecordedWithItsClient) {
  gateway_.config.limits.body_bytes_max = 64;
  gateway_.start();

  const Message answer = told(GetParam().request);

  EXPECT_EQ(answer.status(), GetParam().status);
  const Ended ended = this->ended();
  EXPECT_EQ(ended.outcome, Outcome::Rejected);
  EXPECT_EQ(ended.http_status, static_cast<std::uint32_t>(GetParam().status));
  EXPECT_EQ(ended.error_type, "invalid_request");
  EXPECT_NE(ended.error_message, "");
  EXPECT_NE(ended.facts->client_label, "");
  EXPECT_EQ(ended.facts->user_agent, "test/1");
  EXPECT_EQ(ended.facts->request_id, answer.field("x-request-id"));
}

INSTANTIATE_TEST_SUITE_P(
    Rejection, RefusedBodyTest,
    ::testing::Values(
        RefusedBody{"Encoded",
                    post("/v1/messages", "{}", std::string(Shown) + "content-encoding: gzip\r\n"),
                    415},
        RefusedBody{"TooLarge", post("/v1/messages", std::string(65, ' '), Shown), 413},
        RefusedBody{"TooLargeInChunks",
                    "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n"
                    "content-type: application/json\r\n" +
                        std::string(Shown) + "transfer-encoding: chunked\r\n\r\n" +
                        fakes::chunk(std::string(65, ' ')) + "0\r\n\r\n",
                    413},
        RefusedBody{"BadChunk",
                    "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n"
                    "content-type: application/json\r\n" +
                        std::string(Shown) + "transfer-encoding: chunked\r\n\r\nxyz\r\n",
                    400},
        RefusedBody{"NoJson", post("/v1/messages", "{\"model\":", Shown), 400},
        RefusedBody{"NoModel", post("/v1/chat/completions", "{}", Shown), 400}),
    [](const auto& test) { return std::string(test.param.name); });

class RefusedHeadTest : public RejectionTest, public ::testing::WithParamInterface<RefusedBody> {};

TEST_P(RefusedHeadTest, IsRecordedWhenItsRequestLineWasUnderstood) {
  gateway_.start();

  const Message answer = told(GetParam().request);

  EXPECT_EQ(answer.status(), GetParam().status);
  const Ended ended = this->ended();
  EXPECT_EQ(ended.outcome, Outcome::Rejected);
  EXPECT_EQ(ended.http_status, static_cast<std::uint32_t>(GetParam().status));
  EXPECT_EQ(ended.facts->request_id, answer.field("x-request-id"));
  EXPECT_EQ(ended.facts->client_dialect, Dialect::OpenAi);
  EXPECT_EQ(ended.facts->client_label, "") << "nobody looked at its key";
}

constexpr std::string_view ChatLine = "POST /v1/chat/completions HTTP/1.1\r\n";

INSTANTIATE_TEST_SUITE_P(
    Rejection, RefusedHeadTest,
    ::testing::Values(RefusedBody{"TooManyFields",
                                  std::string(ChatLine) + "host: localhost\r\n" +
                                      [] {
                                        std::string fields;
                                        for (int i = 0; i < 101; ++i) fields += "x: y\r\n";
                                        return fields;
                                      }() +
                                      "\r\n",
                                  431},
                      RefusedBody{"TwoLengths",
                                  std::string(ChatLine) + "host: localhost\r\ncontent-length: 2\r\n"
                                                          "transfer-encoding: chunked\r\n\r\n",
                                  400},
                      RefusedBody{"NoHost", std::string(ChatLine) + "content-length: 2\r\n\r\n",
                                  400}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(RejectionTest, RecordsNothingOfWhatIsNoCompletion) {
  gateway_.start();
  EXPECT_EQ(told(get("/v1/models")).status(), 401);
  EXPECT_EQ(told(get("/metrics/x", "host: twice\r\n")).status(), 400);
  EXPECT_EQ(told(get("/v1/messages", Shown)).status(), 405);
  EXPECT_EQ(told(post("/no/such", "{}", Shown)).status(), 404);
  EXPECT_EQ(told(post("/v1/messages/count_tokens", "{}", "x-api-key: guess\r\n")).status(), 401);
  EXPECT_EQ(told("\x16\x03\x01 hello\r\n\r\n").status(), 400);

  // The only one that is recorded comes after all of them.
  EXPECT_EQ(told(post("/v1/messages", "{}")).status(), 401);
  EXPECT_EQ(ended().facts->client_dialect, Dialect::Anthropic);
}

TEST_F(RejectionTest, RecordsNoHeadOfNoise) {
  gateway_.start();
  EXPECT_EQ(told("POST /v1/messages\r\n\r\n").status(), 400);
  EXPECT_EQ(told(post("/v1/messages", "{}")).status(), 401);

  EXPECT_EQ(ended().http_status, 401u);
}

TEST_F(RejectionTest, StaysWithinItsBoundWhenAClientFloodsIt) {
  gateway_.start();
  constexpr std::size_t Flood = 20;
  for (std::size_t i = 0; i < Flood; ++i) {
    EXPECT_EQ(told(post("/v1/messages", "{}")).status(), 401);
  }

  EXPECT_EQ(gateway_.sink.all<Ended>().size(), RejectionLimit::PerPeer);
  EXPECT_EQ(gateway_.gateway().rejections_unlisted(), Flood - RejectionLimit::PerPeer);

  const std::string counted = told(get("/metrics", Shown)).body;
  EXPECT_NE(counted.find(R"(vdm_proxy_requests_total{outcome="rejected"} 20)"), std::string::npos);
  EXPECT_NE(counted.find("vdm_proxy_requests_in_hand 0"), std::string::npos) << counted;
  EXPECT_NE(counted.find("vdm_proxy_rejections_unlisted_total 17"), std::string::npos) << counted;

  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(told(post("/v1/messages", "{}")).status(), 401);
  EXPECT_EQ(gateway_.sink.wait_for<Ended>(RejectionLimit::PerPeer + 1).size(),
            RejectionLimit::PerPeer + 1);
}

}  // namespace
}  // namespace vdm::proxy::rejection_test
