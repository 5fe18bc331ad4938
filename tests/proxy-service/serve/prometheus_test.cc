#include "proxy-service/serve/prometheus.h"

#include <map>
#include <sstream>

#include <gmock/gmock.h>

#include "tests/proxy-service/serve/gateway_in_front.h"

namespace vdm::proxy::serve_prometheus_test {
namespace {

using fakes::Message;
using fakes::SteppedUpstream;
using fakes::whole_answer;
using ::testing::HasSubstr;
using ::testing::Not;

/// Each line that is no comment: name with labels -> value.
std::map<std::string, double> samples(const std::string& text) {
  std::map<std::string, double> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto space = line.rfind(' ');
    EXPECT_TRUE(found.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second)
        << "twice: " << line;
  }
  return found;
}

class Prometheus : public GatewayInFront {
 protected:
  double sample(const std::string& name) {
    const Message answer = told(get("/metrics"));
    EXPECT_EQ(answer.status(), 200);
    const auto found = samples(answer.body);
    EXPECT_TRUE(found.contains(name)) << answer.body;
    return found.contains(name) ? found.at(name) : -1;
  }
  /// A breaker's state is told twice a second.
  bool comes_to(const std::string& name, double value) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < until) {
      if (sample(name) == value) return true;
    }
    return false;
  }
};

TEST_F(Prometheus, SaysHowCompletionsEnded) {
  SteppedUpstream upstream({well(Dialect::Anthropic), {refused(400)}});
  in_front_of(upstream.port()).start();

  told(ask(Same));
  told(ask(Same));
  told(post("/v1/messages", R"({"model":"groq:m","max_tokens":1,"messages":[]})"));

  EXPECT_EQ(sample(R"(vdm_proxy_requests_total{outcome="ok"})"), 1);
  EXPECT_EQ(sample(R"(vdm_proxy_requests_total{outcome="upstream_error"})"), 1);
  EXPECT_EQ(sample(R"(vdm_proxy_requests_total{outcome="rejected"})"), 1);
  EXPECT_EQ(sample("vdm_proxy_requests_in_hand"), 0);
  EXPECT_GE(sample("vdm_proxy_connections"), 1);
}

TEST_F(Prometheus, CountsWhatIsInHandOnEveryThread) {
  SteppedUpstream upstream({{"", fakes::Step::Then::Wait}});
  in_front_of(upstream.port()).config.threads = 3;
  gateway_->start();
  std::vector<fakes::Peer> clients;
  for (std::size_t i = 1; i <= 5; ++i) {
    clients.push_back(gateway_->client());
    clients.back().send(ask(Same));
    ASSERT_TRUE(upstream.is_asked(i));
  }

  EXPECT_EQ(sample("vdm_proxy_requests_in_hand"), 5);
}

TEST_F(Prometheus, SaysWhichKeysAreInCooldown) {
  SteppedUpstream upstream({{refused(429)}, well(Dialect::Anthropic)});
  in_front_of(upstream.port());
  with_keys({"key-one", "key-two", "key-three"}).start();

  EXPECT_EQ(told(ask(Same)).status(), 200);

  EXPECT_EQ(sample(R"(vdm_proxy_keys{provider="anth",state="cooling_down"})"), 1);
  EXPECT_EQ(sample(R"(vdm_proxy_keys{provider="anth",state="ready"})"), 2);
  EXPECT_EQ(sample(R"(vdm_proxy_keys{provider="open",state="ready"})"), 3);
  EXPECT_THAT(told(get("/metrics")).body, Not(HasSubstr("key-one")));
}

TEST_F(Prometheus, SaysWhichBreakersAreOpen) {
  SteppedUpstream upstream({{refused(500)}});
  in_front_of(upstream.port()).config.breaker = {.calls_min = 2, .open = std::chrono::minutes(1)};
  gateway_->start();

  for (int i = 0; i < 2; ++i) told(ask(Same));

  EXPECT_TRUE(comes_to(R"(vdm_proxy_breaker_threads{provider="anth",state="open"})", 1));
  EXPECT_EQ(sample(R"(vdm_proxy_breaker_threads{provider="open",state="closed"})"), 1);
}

TEST_F(Prometheus, IsTextThatIsReadByItsType) {
  in_front_of(1).start();

  const Message answer = told(get("/metrics"));

  EXPECT_EQ(answer.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("# TYPE vdm_proxy_requests_total counter\n"));
}

TEST_F(Prometheus, TellsThatAConfigurationIsNotTaken) {
  in_front_of(1).start();
  EXPECT_EQ(sample("vdm_proxy_configuration_refused"), 0);

  gateway_->gateway().note_reload({"proxy.api-key: it is gone"});
  EXPECT_EQ(sample("vdm_proxy_configuration_refused"), 1);
  gateway_->gateway().note_reload({});

  EXPECT_EQ(sample("vdm_proxy_configuration_refused"), 0);
}

TEST_F(Prometheus, IsForWhoHasTheKey) {
  in_front_of(1).config.access.proxy_api_key = Secret("open-sesame");
  gateway_->start();

  EXPECT_EQ(told(get("/metrics")).status(), 401);
  EXPECT_EQ(told(get("/metrics", "authorization: Bearer open-sesame\r\n")).status(), 200);
}

TEST_F(Prometheus, SaysWhereTheMetricsServiceIsAndSendsNobodyToHisOwnMachine) {
  for (const char* own : {"http://127.0.0.1:8083", "http://localhost:8083", "http://[::1]:8083"}) {
    in_front_of(1).config.metrics.public_url = own;
    gateway_->start();
    for (const char* path : {"/metrics/active-requests?x=1", "/dashboard/", "/dashboard"}) {
      const Message answer = told(get(path));

      EXPECT_EQ(answer.status(), 404) << path;
      EXPECT_EQ(answer.field("location"), std::nullopt);
      EXPECT_THAT(answer.body, HasSubstr(std::string(own) + path));
    }
  }
  in_front_of(1).config.metrics.public_url = "https://metrics.example.com";
  gateway_->start();

  const Message answer = told(get("/metrics/active-requests?x=1"));

  EXPECT_EQ(answer.status(), 307);
  EXPECT_EQ(answer.field("location"), "https://metrics.example.com/metrics/active-requests?x=1");
}

}  // namespace
}  // namespace vdm::proxy::serve_prometheus_test
